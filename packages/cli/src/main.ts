#!/usr/bin/env node
import * as nodeModule from 'node:module';
import { main } from './command-line.js';

// Only newer releases of Node have it.
(nodeModule as { enableCompileCache?: () => void }).enableCompileCache?.();

// Whoever read the output has seen enough: `tenon run … | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await main(process.argv.slice(2), process);
