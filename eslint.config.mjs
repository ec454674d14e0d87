import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

// Who may import whom. Arrows point one way; docs/architecture.md draws them.
const MAY_IMPORT = {
  tensor: [],
  format: ['tensor'],
  cache: [],
  resolver: ['cache'],
  graph: ['tensor', 'format'],
  'module-spec': ['graph', 'format', 'tensor'],
  onnx: ['graph', 'tensor'],
  backend: ['tensor', 'graph'],
  runtime: ['backend', 'graph', 'tensor'],
  'backend-onnx': ['backend', 'onnx', 'graph', 'tensor'],
  hub: ['tensor', 'format', 'cache', 'resolver', 'graph', 'module-spec', 'onnx', 'backend', 'runtime'],
  cli: ['hub'],
};

// Packages that run outside Node import nothing of it.
const NODE_ONLY = ['cache', 'resolver', 'hub', 'cli'];

export default tseslint.config(
  { ignores: ['**/dist/', '**/generated/', 'node_modules/', 'out/', '.nx/', 'coverage/', 'tools/fixtures/'] },
  {
    files: ['packages/*/src/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: ['packages/*/tsconfig.json', 'tsconfig.spec.json'], tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          depConstraints: Object.entries(MAY_IMPORT).map(([name, imports]) => ({
            sourceTag: `package:${name}`,
            onlyDependOnLibsWithTags: [`package:${name}`, ...imports.map((target) => `package:${target}`)],
          })),
        },
      ],
      // The index of a typed array or a row-major loop is in range by construction; a check would hide that and cost time.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Numbers and errors read well in messages.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `void promise` says that nobody waits, on purpose.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: [`packages/{${NODE_ONLY.join(',')}}/**`, '**/node.ts', '**/*.test.ts', '**/testing/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*', '@tenon/tensor/node'], message: 'This package runs in browsers too.' }] },
      ],
    },
  },
);
