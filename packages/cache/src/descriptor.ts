import { hostname } from 'node:os';

/** The text of `<directory>.descriptor.txt`, in the words of Python's tensorflow_hub. */
export function descriptorText(handle: string, now = new Date()): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
  return (
    `Module: ${handle}\n` +
    `Download Time: ${local.slice(0, 10)} ${local.slice(11, -1)}000\n` +
    `Downloader Hostname: ${hostname()} (PID:${process.pid})`
  );
}
