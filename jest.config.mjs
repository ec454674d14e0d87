import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));

const project = (name) => ({
  displayName: name,
  rootDir: root,
  roots: [`<rootDir>/packages/${name}/src`],
  testEnvironment: '<rootDir>/tools/jest/environment.cjs',
  transform: { '^.+\\.ts$': '<rootDir>/tools/jest/transform.cjs' },
  moduleNameMapper: {
    '^@tenon/tensor/node$': '<rootDir>/packages/tensor/src/node.ts',
    '^@tenon/format/(npz|text)$': '<rootDir>/packages/format/src/$1.ts',
    '^@tenon/([^/]+)$': '<rootDir>/packages/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/packages/[^/]+/dist', '<rootDir>/out'],
});

export default { projects: readdirSync(`${root}packages`).map(project) };
