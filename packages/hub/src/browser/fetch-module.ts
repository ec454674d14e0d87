import { FetchModuleError, ModuleArchiveError } from './errors.js';
import { FetchedDirectory } from './fetched-directory.js';
import { isTar, readTar } from './read-tar.js';

export interface FetchModuleOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called as bytes come. `total` is undefined where the host does not say it. */
  readonly onProgress?:
    ((progress: { readonly received: number; readonly total: number | undefined }) => void) | undefined;
  /** Bytes, unpacked, of the archive or of one file, beyond which it is refused. Default: 2 GiB, what one array holds. */
  readonly maxBytes?: number | undefined;
  /** Makes the requests: for headers and credentials. Default: the browser's `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/** Where there is a page, relative addresses are of it. */
const PAGE = globalThis as { readonly location?: { readonly href: string } };

/**
 * A module at a URL: what the host answers with when it is asked for an archive, as the hosting protocol has it, or else the single
 * files below the URL, as any server of files has them.
 */
export async function fetchModule(url: string, options: FetchModuleOptions): Promise<FetchedDirectory> {
  const { signal, fetch: request = fetch } = options;
  const address = new URL(url, PAGE.location?.href);
  const asked = new URL(address);
  asked.searchParams.set('tf-hub-format', 'compressed');
  const answer = await ask(asked.href, request, signal);
  const body = answer.ok ? await readBody(answer, options) : undefined;
  if (!answer.ok) await answer.body?.cancel();
  if (body && isGzip(body)) return archived(address.href, await gunzip(asked.href, body, options));
  if (body && isTar(body)) return archived(address.href, body);
  const base = address.href.replace(/[?#].*$/s, '').replace(/\/*$/, '');
  return new FetchedDirectory(base, async (path) => {
    const file = await ask(`${base}/${path.split('/').map(encodeURIComponent).join('/')}`, request, signal);
    if (file.ok) return readBody(file, options);
    await file.body?.cancel();
    if (file.status === 404 || file.status === 410) return undefined;
    throw new FetchModuleError(file.url, `its host answered ${file.status} ${file.statusText}`);
  });
}

function archived(url: string, archive: Uint8Array): FetchedDirectory {
  const files = readTar(archive, (reason, cause) => new ModuleArchiveError(url, reason, { cause }));
  return new FetchedDirectory(url, async (path) => files.get(path));
}

async function ask(url: string, request: typeof fetch, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await request(url, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw new FetchModuleError(url, messageOf(error), { cause: error });
  }
}

async function readBody(answer: Response, { onProgress, maxBytes, signal }: FetchModuleOptions): Promise<Uint8Array> {
  const length = answer.headers.get('content-length');
  const total = length === null ? undefined : Number(length);
  const report = (received: number) => onProgress?.({ received, total });
  try {
    return await collect(answer.url, answer.body, maxBytes, report);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ModuleArchiveError) throw error;
    throw new FetchModuleError(answer.url, messageOf(error), { cause: error });
  }
}

async function gunzip(url: string, packed: Uint8Array, { maxBytes }: FetchModuleOptions): Promise<Uint8Array> {
  const unpacked = new Blob([packed as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
  try {
    return await collect(url, unpacked, maxBytes, () => {});
  } catch (error) {
    if (error instanceof ModuleArchiveError) throw error;
    throw new ModuleArchiveError(url, `its gzip data is broken (${messageOf(error)})`, { cause: error });
  }
}

async function collect(
  url: string,
  stream: ReadableStream<Uint8Array> | null,
  maxBytes = 2 ** 31 - 1,
  report: (received: number) => void,
): Promise<Uint8Array> {
  if (!stream) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let received = 0;
  const reader = stream.getReader();
  try {
    for (let next; !(next = await reader.read()).done;) {
      received += next.value.length;
      if (received > maxBytes) throw new ModuleArchiveError(url, `it holds more than ${maxBytes} bytes (maxBytes)`);
      parts.push(next.value);
      report(received);
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    throw error;
  }
  const bytes = new Uint8Array(received);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
