import { createServer } from 'node:net';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ModuleCache } from '@tenon/cache';
import { httpResolver, resolve } from '@tenon/resolver';
import { differences, leftovers, makeModule } from './truth.mjs';

/** Milliseconds of silence that are put up with. */
const PATIENCE = 400;
const HUNG_AFTER = 20_000;

/**
 * What hosts do wrong. Each is a function of an answer's circumstances to the bytes that are sent instead: `{ head, body, then }`, where
 * `then` is `end`, `reset` or `stall`. `expected` says what must become of it: the module, an error with one of these codes, or either.
 */
const FAULTS = {
  'breaks off once, knows ranges': {
    expected: ['module'],
    answer: ({ times, random, good }) => (times === 1 ? cut(good, random, 'end') : good),
  },
  'resets the connection twice, knows ranges': {
    expected: ['module'],
    answer: ({ times, random, good }) => (times <= 2 ? cut(good, random, 'reset') : good),
  },
  'breaks off once, knows no ranges': {
    expected: ['module'],
    answer: ({ times, random, whole }) =>
      times === 1 ? cut(whole({ etag: '"1"' }), random, 'end') : whole({ etag: '"1"' }),
  },
  'breaks off once, says nothing of its state': {
    expected: ['module'],
    answer: ({ times, random, whole }) => (times === 1 ? cut(whole({}), random, 'reset') : whole({})),
  },
  'breaks off every time at once': {
    expected: ['ERR_DOWNLOAD_INTERRUPTED', 'ERR_HOST_UNREACHABLE'],
    answer: ({ good }) => ({ ...good, body: good.body.subarray(0, 100), then: 'reset' }),
  },
  'stalls once in the body': {
    expected: ['module'],
    answer: ({ times, random, good }) => (times === 1 ? cut(good, random, 'stall') : good),
  },
  'stalls every time in the body': {
    expected: ['ERR_DOWNLOAD_TIMEOUT'],
    answer: ({ good }) => ({ ...good, body: good.body.subarray(0, 100), then: 'stall' }),
  },
  'never answers': {
    expected: ['ERR_DOWNLOAD_TIMEOUT'],
    answer: () => ({ head: '', body: Buffer.alloc(0), then: 'stall' }),
  },
  'stalls within its headers': {
    expected: ['ERR_DOWNLOAD_TIMEOUT'],
    answer: () => ({ head: 'HTTP/1.1 200 OK\r\ncontent-le', body: Buffer.alloc(0), then: 'stall' }),
  },
  'announces more than it sends': {
    expected: ['ERR_DOWNLOAD_INTERRUPTED'],
    answer: ({ whole, archive, random }) => whole({ 'content-length': archive.length + random.integer(1, 5000) }),
  },
  'announces less than it sends': {
    expected: ['ERR_CORRUPT_ARCHIVE'],
    answer: ({ whole, archive, random }) => whole({ 'content-length': random.integer(600, archive.length - 1) }),
  },
  'announces no length, and breaks off': {
    expected: ['ERR_CORRUPT_ARCHIVE'],
    answer: ({ random, archive }) =>
      cut({ head: 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n', body: archive, then: 'end' }, random, 'end'),
  },
  'changes the file midway, and says so': {
    expected: ['other'],
    answer: ({ times, random, good, whole, other }) =>
      times === 1 ? cut(good, random, 'end') : whole({ etag: '"2"' }, other.archive),
  },
  'changes the file midway by its time alone': {
    expected: ['other'],
    answer: ({ times, random, whole, other }) => {
      const dated = (day, bytes) =>
        whole({ date: 'Sat, 20 Jun 2026 00:00:00 GMT', 'last-modified': `Mon, ${day} Jun 2026 00:00:00 GMT` }, bytes);
      return times === 1 ? cut(dated('01'), random, 'reset') : dated('08', other.archive);
    },
  },
  'changes the file midway, and sends the rest of the new one all the same': {
    expected: ['other', 'ERR_CORRUPT_ARCHIVE', 'ERR_DOWNLOAD_INTERRUPTED'],
    answer: ({ times, random, good, part, other, start }) =>
      times === 1 ? cut(good, random, 'end') : part(other.archive, start, { etag: '"2"' }),
  },
  'changes the file midway without a word': {
    expected: ['ERR_CORRUPT_ARCHIVE', 'ERR_UNSAFE_ARCHIVE', 'ERR_DOWNLOAD_INTERRUPTED'],
    answer: ({ times, random, good, part, other, start }) =>
      times === 1 ? cut(good, random, 'end') : part(other.archive, start, { etag: '"1"' }, good.total),
  },
  'sends another part than was asked for': {
    expected: ['module', 'ERR_CORRUPT_ARCHIVE', 'ERR_DOWNLOAD_INTERRUPTED'],
    answer: ({ times, random, good, part, archive, start }) =>
      times === 1
        ? cut(good, random, 'end')
        : part(archive, Math.max(0, start - random.integer(1, 90)), { etag: '"1"' }),
  },
  'sends a bit that was not in the file': {
    expected: ['ERR_CORRUPT_ARCHIVE', 'ERR_UNSAFE_ARCHIVE', 'ERR_NOT_AN_ARCHIVE', 'ERR_ARCHIVE_LIMIT', 'module'],
    answer: ({ good, random }) => {
      const body = Buffer.from(good.body);
      body[random.integer(0, body.length - 1)] ^= 1 << random.integer(0, 7);
      return { ...good, body };
    },
  },
  'is too busy twice': {
    expected: ['module'],
    answer: ({ times, good }) =>
      times <= 2
        ? {
            head: 'HTTP/1.1 503 Busy\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n',
            body: Buffer.alloc(0),
            then: 'end',
          }
        : good,
  },
  'sends a page instead': {
    expected: ['ERR_NOT_AN_ARCHIVE'],
    answer: ({ whole }) =>
      whole({ 'content-type': 'text/html' }, Buffer.from('<!doctype html><title>Sign in</title>'.repeat(50))),
  },
  'sends something behind the archive': {
    expected: ['ERR_CORRUPT_ARCHIVE'],
    answer: ({ whole, archive, random }) => whole({}, Buffer.concat([archive, random.bytes(random.integer(1, 3000))])),
  },
  'sends an archive within an archive': {
    expected: ['ERR_CORRUPT_ARCHIVE'],
    answer: ({ whole, archive }) => whole({}, gzipSync(archive, { level: 0 })),
  },
  'speaks no HTTP': {
    expected: ['ERR_HOST_UNREACHABLE'],
    answer: ({ random }) => ({ head: 'SSH-2.0-OpenSSH_9.6\r\n', body: random.bytes(200), then: 'end' }),
  },
};

/** Each fault again and again, at places of its own. Whatever a host does, there is the module or a typed error, and nothing else. */
export async function runFaults({ folder, random, times }) {
  const report = { trials: 0, outcomes: {}, problems: [] };
  for (const [name, fault] of Object.entries(FAULTS)) {
    const outcomes = (report.outcomes[name] = {});
    for (let trial = 1; trial <= times; trial += 1) {
      report.trials += 1;
      const outcome = await tryFault(fault, { random, cache: join(folder, `fault-${report.trials}`) });
      outcomes[outcome.result] = (outcomes[outcome.result] ?? 0) + 1;
      if (!fault.expected.includes(outcome.result))
        report.problems.push(`${name}: ${outcome.result} ${outcome.message ?? ''}`);
      report.problems.push(...outcome.left.map((left) => `${name}: left ${left}`));
    }
  }
  return report;
}

async function tryFault({ answer }, { random, cache: directory }) {
  const size = random.pick([2000, 200_000, 4_500_000]);
  const [module, other] = [makeModule(random, size), makeModule(random, size)];
  const server = await startFaulty(answer, { random, archive: module.archive, other });
  const cache = new ModuleCache({ directory, pollInterval: 20 });
  const handle = `http://127.0.0.1:${server.port}/m`;
  const resolvers = [httpResolver({ responseTimeout: PATIENCE, idleTimeout: PATIENCE, retries: 3, retryDelay: 1 })];
  try {
    const found = await resolve(handle, { cache, resolvers, signal: AbortSignal.timeout(HUNG_AFTER) });
    const isModule = differences(found, module).length === 0;
    const isOther = differences(found, other).length === 0;
    return { result: isModule ? 'module' : isOther ? 'other' : 'A BAD HIT', left: leftovers(directory, handle) };
  } catch (error) {
    // The beginning of an archive is kept for a later attempt where one may succeed.
    const left = leftovers(directory, handle).filter((name) => !mayBeKept(error) || !name.endsWith('.partial'));
    return { result: error.code ?? error.name, message: error.message, left };
  } finally {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function mayBeKept({ code }) {
  return ['ERR_DOWNLOAD_INTERRUPTED', 'ERR_DOWNLOAD_TIMEOUT', 'ERR_HOST_UNREACHABLE'].includes(code);
}

/** Answers byte by byte as a fault has it, so that nothing corrects it on the way. */
async function startFaulty(answer, { random, archive, other }) {
  let times = 0;
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (data) => {
      text += data.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      const start = Number(/^range: bytes=(\d+)-/im.exec(text)?.[1] ?? 0);
      text = '';
      times += 1;
      const good = start > 0 ? part(archive, start, { etag: '"1"' }) : whole({ etag: '"1"', 'accept-ranges': 'bytes' });
      const { head, body, then } = answer({
        times,
        start,
        random,
        archive,
        other,
        part,
        good: { ...good, total: archive.length },
        whole,
      });
      socket.write(Buffer.concat([Buffer.from(head), body]), () => {
        if (then === 'reset') socket.resetAndDestroy();
        else if (then === 'end') socket.end();
      });
    });
  });
  const whole = (headers, body = archive) => ({
    head: headOf('200 OK', { 'content-length': body.length, ...headers }),
    body,
    then: 'end',
  });
  const part = (body, start, headers, total = body.length) => ({
    head: headOf('206 Partial', {
      'content-range': `bytes ${start}-${total - 1}/${total}`,
      'content-length': Math.max(0, total - start),
      ...headers,
    }),
    body: body.subarray(start, total),
    then: 'end',
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function headOf(status, headers) {
  const lines = Object.entries({ connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`;
}

/** The same with its body cut somewhere. */
function cut(answer, random, then) {
  return { ...answer, body: answer.body.subarray(0, random.integer(1, answer.body.length - 1)), then };
}
