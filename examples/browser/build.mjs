// Puts the page and what it needs into one folder, which any server of files can serve: node build.mjs [FOLDER]
import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, 'dist');

await mkdir(target, { recursive: true });
await build({
  entryPoints: [join(here, 'page.js')],
  outdir: target,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  // What the page does not import itself is not for browsers.
  external: ['@tensorflow/tfjs-node'],
  logLevel: 'warning',
  logOverride: { 'ignored-bare-import': 'silent' },
});
await copyFile(join(here, 'index.html'), join(target, 'index.html'));
const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
for (const file of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm'])
  await copyFile(join(wasm, file), join(target, file));
