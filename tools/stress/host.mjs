import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * A web server on loopback. What it answers under a path is up to whoever puts an answer there: `(request, response, how many times asked)`.
 */
export async function startHost() {
  const answers = new Map();
  const asked = new Map();
  const server = createServer((request, response) => {
    const path = request.url.split('?')[0];
    asked.set(path, (asked.get(path) ?? 0) + 1);
    response.on('error', () => undefined);
    const answer = answers.get(path);
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response, asked.get(path));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    /** @returns the handle that gets the answer. */
    put(path, answer) {
      answers.set(path, answer);
      return `${url}${path}`;
    },
    timesAsked: (path) => asked.get(path) ?? 0,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Answers with a file as a good host does, with ranges; `pace` is called before each piece, and may take its time. */
export function sendWhole(body, { etag = '"1"', pieces = 32, pace } = {}) {
  return async (request, response) => {
    const [, start] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const isRange = start !== undefined && request.headers['if-range'] === etag && Number(start) < body.length;
    const part = body.subarray(isRange ? Number(start) : 0);
    response.writeHead(isRange ? 206 : 200, {
      'content-length': part.length,
      'accept-ranges': 'bytes',
      etag,
      ...(isRange && { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }),
    });
    const size = Math.ceil(part.length / pieces);
    for (let offset = 0; offset < part.length && !response.destroyed; offset += size) {
      await pace?.();
      response.write(part.subarray(offset, offset + size));
    }
    response.end();
  };
}
