// Builds the example page, opens it in headless Chromium, and compares what modules give there with what TensorFlow gave.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { create } from 'tar';
import { readNpz } from '@tenon/format/npz';
import { toNested } from '@tenon/tensor';

const CANDIDATES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FIXTURES = 'tools/fixtures';
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
/** Name, and whether its archive is fetched, or its directory. */
const MODULES = [
  ['modules/nnlm-small', 'directory'],
  ['modules/mobilenet-v2-small-finetuned', 'archive'],
  ['saved_models/tf2-keras3-cnn', 'directory'],
  ['saved_models/tf2-keras3-text', 'archive'],
];

function findBrowser() {
  const found = () => CANDIDATES.find((path) => path && existsSync(path));
  if (!found() && process.getuid?.() === 0)
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { stdio: 'ignore' });
  const path = found();
  if (path) return path;
  console.error(
    'There is no Chromium. Install one (apt-get install chromium), or say where it is: CHROMIUM=/path/to/it',
  );
  process.exit(1);
}

const executablePath = findBrowser();
const folder = mkdtempSync(join(tmpdir(), 'tenon-browser-'));
const { status } = spawnSync(process.execPath, ['examples/browser/build.mjs', folder], { stdio: 'inherit' });
if (status !== 0) process.exit(1);

const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
  if (path.startsWith('/archives/')) {
    create({ cwd: join(FIXTURES, path.slice('/archives/'.length)), gzip: true, portable: true }, ['.']).pipe(response);
    return;
  }
  const file = path.startsWith('/directories/')
    ? join(FIXTURES, path.slice('/directories/'.length))
    : join(folder, path === '/' ? 'index.html' : path);
  if (!existsSync(file) || statSync(file).isDirectory()) response.writeHead(404).end();
  else response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream').end(readFileSync(file));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
let passed = 0;
let failed = 0;
try {
  const page = await browser.newPage();
  const problems = [];
  const elsewhere = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on(
    'request',
    (request) =>
      request.url().startsWith(origin) ||
      request.url().startsWith('data:') ||
      request.url().startsWith('blob:') ||
      elsewhere.push(request.url()),
  );
  await page.goto(origin);
  for (const [module, kind] of MODULES) {
    const name = module.split('/')[1];
    const golden = JSON.parse(readFileSync(join(FIXTURES, 'golden', `${name}.json`), 'utf8'));
    const arraysPath = join(FIXTURES, 'golden', `${name}.npz`);
    const arrays = existsSync(arraysPath) ? readNpz(readFileSync(arraysPath), arraysPath) : new Map();
    const flat = (tensor) =>
      tensor.npz ? toNested(arrays.get(tensor.npz).reshape([arrays.get(tensor.npz).size])) : tensor.data;
    const cases = golden.cases.filter(
      ({ signature, tags, inputs, outputs }) =>
        signature &&
        !tags?.length &&
        Object.values({ ...inputs, ...outputs }).every(
          (tensor) => !tensor.sample && tensor.shape.every((size) => size > 0),
        ),
    );
    for (const { id, signature, inputs, outputs } of cases) {
      if (Object.values(inputs).some(({ data }) => data?.some((element) => element?.b64 !== undefined))) continue;
      const title = `${name} ${id} from its ${kind}`;
      const value = (tensor) => nest(flat(tensor), tensor.shape);
      await page.fill('#url', `${origin}/${kind === 'archive' ? 'archives' : 'directories'}/${module}`);
      await page.fill('#signature', signature);
      await page.fill(
        '#inputs',
        JSON.stringify(Object.fromEntries(Object.entries(inputs).map(([key, tensor]) => [key, value(tensor)]))),
      );
      await page.click('button');
      const result = page.locator('#outputs[data-state]');
      await result.waitFor({ timeout: 60_000 });
      const [state, text] = [await result.getAttribute('data-state'), await result.textContent()];
      const reason = state === 'done' ? compare(JSON.parse(text), outputs, flat) : text;
      if (reason === undefined) passed++;
      else failed++;
      console.log(`${reason === undefined ? 'ok    ' : 'FAILED'} ${title}${reason === undefined ? '' : `: ${reason}`}`);
    }
  }
  const ended = [
    ['no error in the page', problems],
    ['no request to elsewhere', elsewhere],
  ];
  for (const [title, list] of ended) {
    if (list.length === 0) passed++;
    else failed++;
    console.log(
      `${list.length === 0 ? 'ok    ' : 'FAILED'} ${title}${list.length === 0 ? '' : `: ${list.join(', ')}`}`,
    );
  }
} finally {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true });
}
console.log(`\nTests:       ${failed > 0 ? `${failed} failed, ` : ''}${passed} passed, ${passed + failed} total`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

function nest(elements, shape) {
  if (shape.length === 0) return elements[0];
  const step = elements.length / shape[0];
  return Array.from({ length: shape[0] }, (_, index) =>
    nest(elements.slice(index * step, (index + 1) * step), shape.slice(1)),
  );
}

/** Why outputs are not what was expected; undefined if they are. */
function compare(actual, expected, flat) {
  for (const [name, tensor] of Object.entries(expected)) {
    const wanted = flat(tensor);
    const given = [actual[name]].flat(Infinity);
    if (given.length !== wanted.length) return `"${name}" has ${given.length} elements; ${wanted.length} were expected`;
    for (const [index, element] of wanted.entries()) {
      const same =
        typeof element === 'number'
          ? Math.abs(given[index] - element) <= 1e-4 * (1 + Math.abs(element))
          : String(given[index]) === String(element);
      if (!same) return `element ${index} of "${name}" is ${given[index]}; ${element} was expected`;
    }
  }
  return undefined;
}
