import { join, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '../../../..');

/**
 * Compiles programs against the sources of the packages, in memory.
 *
 * @param files Texts by their names; they import each other as `./NAME.js`.
 * @returns What is wrong with each file, by its name: codes and messages of the compiler.
 */
export function checkTypes(files: Readonly<Record<string, string>>): Record<string, string[]> {
  const folder = join(ROOT, 'packages/cli/src/testing/programs');
  const texts = new Map(Object.entries(files).map(([name, text]) => [join(folder, name), text]));
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
    paths: {
      '@tenon/tensor/node': [join(ROOT, 'packages/tensor/src/node.ts')],
      '@tenon/*': [join(ROOT, 'packages/*/src/index.ts')],
    },
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    directoryExists: (path) => path === folder || ts.sys.directoryExists(path),
    fileExists: (path) => texts.has(path) || disk.fileExists(path),
    readFile: (path) => texts.get(path) ?? disk.readFile(path),
    getSourceFile(path, ...rest) {
      const text = texts.get(path);
      return text === undefined ? disk.getSourceFile(path, ...rest) : ts.createSourceFile(path, text, rest[0]);
    },
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  const diagnosticsOf = (path: string): string[] => {
    const source = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ code, messageText }) => `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  };
  return Object.fromEntries([...texts.keys()].map((path, index) => [Object.keys(files)[index]!, diagnosticsOf(path)]));
}
