// Bundles each entry point of the package in the current folder into one ES module.
// One file per entry point: hundreds of small modules cost a process more time at start than all the work of a small call.
import { readFile, rm } from 'node:fs/promises';
import { build } from 'esbuild';

const manifest = JSON.parse(await readFile('package.json', 'utf8'));
const targets = [
  ...Object.values(manifest.exports).flatMap((target) => (typeof target === 'string' ? [] : [target.default])),
  ...Object.values(manifest.bin ?? {}),
];
const entryPoints = [...new Set(targets)].map((file) => file.replace(/^\.\/dist\/(.*)\.js$/, 'src/$1.ts'));

// Chunks are named for what they hold: those of earlier builds would stay for ever.
await rm('dist/chunks', { recursive: true, force: true });
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
  // What is shorter is compiled sooner. Names stay, so that stack traces can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});
