// Bundles each entry point of the package in the current folder into one ES module.
// One file per entry point: hundreds of small modules cost a process more time at start than all the work of a small call.
import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';

const manifest = JSON.parse(await readFile('package.json', 'utf8'));
const targets = [
  ...Object.values(manifest.exports).flatMap((target) => (typeof target === 'string' ? [] : [target.default])),
  ...Object.values(manifest.bin ?? {}),
];
const entryPoints = [...new Set(targets)].map((file) => file.replace(/^\.\/dist\/(.*)\.js$/, 'src/$1.ts'));

await build({
  entryPoints,
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
  // Small, pure JavaScript and on the way of every start: inlined and tree-shaken, for the sake of that start.
  alias: {},
});
