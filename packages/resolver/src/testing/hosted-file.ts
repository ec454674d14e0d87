import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** How a host serves a file, and what it does wrong. */
export interface HostedFile {
  readonly body: Buffer;
  readonly etag?: string;
  readonly lastModified?: string;
  /** Hangs up after so many bytes of its answer. */
  readonly breakAfter?: number;
  /** Says nothing more after so many bytes of its answer. */
  readonly stallAfter?: number;
  readonly ignoresRanges?: boolean;
}

/** Answers as RFC 9110 has it, with ranges, but for what the file's host does wrong. */
export function serveFile(request: IncomingMessage, response: ServerResponse, file: HostedFile): void {
  const { body, etag, lastModified, breakAfter, stallAfter } = file;
  const headers: OutgoingHttpHeaders = {
    ...(!file.ignoresRanges && { 'accept-ranges': 'bytes' }),
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { 'last-modified': lastModified }),
  };
  const condition = request.headers['if-range'];
  const [, start] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const isRange =
    start !== undefined &&
    !file.ignoresRanges &&
    (condition === undefined || [etag, lastModified].includes(String(condition)));
  if (isRange && Number(start) >= body.length) {
    response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
    return;
  }
  const part = body.subarray(isRange ? Number(start) : 0);
  if (isRange) headers['content-range'] = `bytes ${start}-${body.length - 1}/${body.length}`;
  response.writeHead(isRange ? 206 : 200, { ...headers, 'content-length': part.length });
  const limit = breakAfter ?? stallAfter;
  if (limit === undefined || limit >= part.length) response.end(part);
  else response.write(part.subarray(0, limit), () => breakAfter !== undefined && response.destroy());
}
