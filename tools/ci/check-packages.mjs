// Packs every package as it would be published, looks at what is packed, installs it all into an empty project and runs the examples of the
// READMEs there. Needs a build.
//   node tools/ci/check-packages.mjs
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { transformSync } from 'esbuild';
import { Checks, run } from './checks.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
/** What users install beside the packages to compute with. */
const PEERS = [
  'onnxruntime-node',
  ...['core', 'layers', 'backend-cpu', 'backend-wasm'].map((part) => `@tensorflow/tfjs-${part}`),
];
const FIXTURES = ['modules', 'saved_models'].map((kind) => join(ROOT, 'tools/fixtures', kind));

const packages = readdirSync(join(ROOT, 'packages')).map((name) => ({
  name,
  folder: join(ROOT, 'packages', name),
  manifest: JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8')),
}));
const project = mkdtempSync(join(tmpdir(), 'tenon-packages-'));
const checks = new Checks();
try {
  const archives = packages.map(pack);
  if (archives.every((archive) => archive !== undefined) && install(archives)) {
    for (const { name, folder } of packages) runExample(name, join(folder, 'README.md'));
    runExample('tenon', join(ROOT, 'README.md'));
    const { version } = packages.find(({ name }) => name === 'cli').manifest;
    const printed = run('npx', ['tenon', '--version'], { cwd: project }).stdout.trim();
    checks.report(`npx tenon --version prints ${version}`, printed === version, printed);
  }
} finally {
  rmSync(project, { recursive: true, force: true });
}
checks.close();

/** @returns the path of the archive, unless packing failed. */
function pack({ name, folder, manifest }) {
  const { status, stdout, output } = run('npm', ['pack', '--json', '--pack-destination', project], { cwd: folder });
  checks.report(`${name}: packs`, status === 0, output);
  if (status !== 0) return undefined;
  const [{ filename, files }] = JSON.parse(stdout);
  const archive = join(project, filename);
  const paths = files.map(({ path }) => path);
  const strays = paths.filter((path) => /\.test\.|(^|\/)(src|testing|testdata)\/|tsbuildinfo$/.test(path));
  checks.report(`${name}: holds no tests and no sources`, strays.length === 0, strays.join('\n'));
  checks.report(`${name}: has a README`, paths.includes('README.md'));
  checks.run(`${name}: publint`, bin('publint'), ['run', archive, '--strict']);
  if (manifest.exports['.'] !== undefined)
    checks.run(`${name}: types resolve`, bin('attw'), [archive, '--profile', 'esm-only', '--no-emoji', '--no-color']);
  return archive;
}

function install(archives) {
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
  const peers = PEERS.map((name) => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'));
    return `${name}@${version}`;
  });
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...peers, ...archives];
  return checks.run('all packages install into an empty project', 'npm', args, { cwd: project });
}

/** Runs the first example of a README in a folder of its own, with the modules of the fixtures that it names. */
function runExample(name, readme) {
  const example = existsSync(readme) && firstExample(readFileSync(readme, 'utf8'));
  if (!example) return checks.report(`${name}: its README has an example`, false);
  const folder = join(project, 'examples', name);
  mkdirSync(folder, { recursive: true });
  for (const fixtures of FIXTURES)
    for (const module of readdirSync(fixtures).filter((module) => example.code.includes(module)))
      cpSync(join(fixtures, module), join(folder, module), { recursive: true });
  const env = { TFHUB_CACHE_DIR: join(folder, 'cache') };
  if (example.language === 'sh') {
    writeFileSync(join(folder, 'example.sh'), example.code);
    return checks.run(`${name}: the example of its README runs`, 'sh', ['-e', 'example.sh'], { cwd: folder, env });
  }
  if (example.language === 'ts') checkTypes(name, folder, example.code);
  const { code } = transformSync(example.code, { loader: example.language, format: 'esm', target: 'node20' });
  writeFileSync(join(folder, 'example.mjs'), code);
  return checks.run(`${name}: the example of its README runs`, 'node', ['example.mjs'], { cwd: folder, env });
}

function checkTypes(name, folder, code) {
  writeFileSync(join(folder, 'example.ts'), code);
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022'];
  const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
  checks.run(
    `${name}: the example of its README has no type errors`,
    bin('tsc'),
    [...options, ...types, 'example.ts'],
    {
      cwd: folder,
    },
  );
}

/** The first block of code; of commands only where there is no other. */
function firstExample(markdown) {
  const blocks = [...markdown.matchAll(/^```(js|ts|sh)\n(.*?)^```$/gms)].map(([, language, code]) => ({
    language,
    code,
  }));
  return blocks.find(({ language }) => language !== 'sh') ?? blocks[0];
}

function bin(name) {
  return join(ROOT, 'node_modules/.bin', name);
}
