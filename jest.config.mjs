import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));

const project = (name, folder = `packages/${name}/src`) => ({
  displayName: name,
  rootDir: root,
  roots: [`<rootDir>/${folder}`],
  testEnvironment: '<rootDir>/tools/jest/environment.cjs',
  transform: { '^.+\\.ts$': '<rootDir>/tools/jest/transform.cjs' },
  moduleNameMapper: {
    '^@tenon/(backend-tfjs|tensor)/node$': '<rootDir>/packages/$1/src/node.ts',
    '^@tenon/format/(npz|text)$': '<rootDir>/packages/format/src/$1.ts',
    '^@tenon/([^/]+)$': '<rootDir>/packages/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  // They need the binding of tfjs-node, which is not there unless it was built or downloaded: `tools/tfjs-node/jest.config.mjs` runs them.
  testPathIgnorePatterns: ['/node_modules/', '\\.tfjs-node\\.test\\.ts$'],
  modulePathIgnorePatterns: ['<rootDir>/packages/[^/]+/dist', '<rootDir>/out'],
});

const packages = readdirSync(`${root}packages`).map((name) => project(name));

export default { projects: [...packages, project('toy-backend', 'examples/toy-backend')] };
