// Serves the module directories below a directory over TensorFlow Hub's hosting protocol, on loopback: for the quickstart and for tests.
//   node tools/quickstart/hosting.mjs DIRECTORY [PORT]
import { once } from 'node:events';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { create } from 'tar';

const MODULE_FILES = ['saved_model.pb', 'saved_model.pbtxt', 'tfhub_module.pb'];

/**
 * Serves until closed. `GET /<path>?tf-hub-format=compressed` answers with the directory at that path as tar.gz, any other GET with a
 * page for people.
 *
 * @param {string} root the directory whose subdirectories are served
 * @param {{ port?: number }} [options] default: a free port
 * @returns {Promise<{ url: string, downloads: string[], close: () => Promise<void> }>} the address without a trailing slash, and the paths
 *   whose archives were asked for so far
 */
export async function serveModules(root, { port = 0 } = {}) {
  const base = await realpath(resolve(root));
  const downloads = [];
  // Packed whole, because the length goes before the bytes; once, because a module does not change.
  const archives = new Map();

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else send(response, 500, 'text/plain; charset=utf-8', 'Internal error.\n');
    });
  });

  async function answer(request, response) {
    if (request.method !== 'GET')
      return send(response, 405, 'text/plain; charset=utf-8', 'Only GET is served.\n', { allow: 'GET' });
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const directory = await findModule(base, pathname);
    if (directory === undefined)
      return send(response, 404, 'text/html; charset=utf-8', page('No such module', pathname));
    if (searchParams.get('tf-hub-format') !== 'compressed') {
      const address = `http://${request.headers.host}${pathname}`;
      return send(
        response,
        200,
        'text/html; charset=utf-8',
        page(pathname.slice(1), `Apply this module with: npx tenon run ${address}`),
      );
    }
    downloads.push(pathname);
    if (!archives.has(directory)) archives.set(directory, pack(directory));
    send(response, 200, 'application/gzip', await archives.get(directory));
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    downloads,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function findModule(base, pathname) {
  let path;
  try {
    path = await realpath(join(base, decodeURIComponent(pathname)));
  } catch {
    return undefined;
  }
  const inside = relative(base, path);
  if (inside === '..' || inside.startsWith(`..${sep}`)) return undefined;
  const files = await Promise.all(MODULE_FILES.map((name) => stat(join(path, name)).catch(() => undefined)));
  return files.some((file) => file?.isFile()) ? path : undefined;
}

async function pack(directory) {
  const chunks = [];
  for await (const chunk of create({ cwd: directory, gzip: true, portable: true }, ['.'])) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function send(response, status, type, body, headers = {}) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}

function page(title, text) {
  return `<!doctype html>\n<meta charset="utf-8">\n<title>${escapeHtml(title)}</title>\n<h1>${escapeHtml(title)}</h1>\n<p>${escapeHtml(text)}\n`;
}

function escapeHtml(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [root, port] = process.argv.slice(2);
  if (root === undefined) {
    console.error('Usage: node tools/quickstart/hosting.mjs DIRECTORY [PORT]');
    process.exitCode = 2;
  } else {
    const { url } = await serveModules(root, { port: Number(port ?? 0) });
    console.log(url);
  }
}
