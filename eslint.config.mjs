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
  conformance: ['backend', 'runtime', 'graph', 'tensor'],
  layers: ['graph', 'tensor'],
  training: ['graph', 'layers', 'format', 'tensor'],
  'backend-onnx': ['backend', 'onnx', 'graph', 'tensor'],
  'backend-tfjs': ['backend', 'graph', 'format', 'tensor'],
  exporter: ['module-spec', 'runtime', 'onnx', 'graph', 'format', 'tensor'],
  hub: [
    'tensor',
    'format',
    'cache',
    'resolver',
    'graph',
    'layers',
    'training',
    'module-spec',
    'backend',
    'runtime',
    'exporter',
  ],
  'tfjs-layer': ['hub', 'backend', 'backend-tfjs', 'runtime', 'training', 'layers', 'module-spec', 'graph', 'tensor'],
  cli: ['hub', 'backend-onnx', 'backend-tfjs', 'cache', 'format', 'module-spec', 'resolver', 'tensor'],
};

// Packages that run outside Node import nothing of it.
const NODE_ONLY = ['cache', 'resolver', 'exporter', 'hub', 'tfjs-layer', 'cli'];

export default tseslint.config(
  { ignores: ['**/dist/', '**/generated/', 'node_modules/', 'out/', '.nx/', 'coverage/', 'tools/fixtures/'] },
  {
    files: ['packages/*/src/**/*.ts', 'examples/*/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['packages/*/tsconfig.json', 'tsconfig.spec.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          depConstraints: [
            ...Object.entries(MAY_IMPORT).map(([name, imports]) => ({
              sourceTag: `package:${name}`,
              onlyDependOnLibsWithTags: [`package:${name}`, ...imports.map((target) => `package:${target}`)],
            })),
            { sourceTag: 'example', onlyDependOnLibsWithTags: ['*'] },
          ],
        },
      ],
      // What an interface declares asynchronous stays so where one implementation has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Numbers and errors read well in messages.
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  {
    // What builds graphs is tested by running them.
    files: ['packages/{exporter,layers,module-spec,training}/src/**/*.test.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    // Backends are tested by running sessions on them, and all of them on the same cases.
    files: ['packages/backend-*/src/*.test.ts', 'packages/backend-*/src/testing/*.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: [
      `packages/{${NODE_ONLY.join(',')}}/**`,
      '**/node.ts',
      '**/libtensorflow/**',
      '**/*.test.ts',
      '**/testing/**',
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*', '@tenon/tensor/node'], message: 'This package runs in browsers too.' }] },
      ],
    },
  },
);
