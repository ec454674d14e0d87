// Generates TypeScript from the .proto files of our packages: packages/NAME/proto/** into packages/NAME/src/generated.
//
//     node tools/proto/generate.mjs            every package that has a proto folder
//     node tools/proto/generate.mjs format     these packages
//
// The folder is emptied first: nothing else may live in it. It stands on its own: protobuf.ts beside the messages holds
// what they need, and text-fields.ts the names that only their text form needs. buf, which reads the .proto files, comes through npx at a fixed version, so that it weighs on nobody
// who only builds; what is made is committed.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { textFieldsOf } from './text-fields.mjs';
import { outputPath, register, typescriptOf } from './typescript.mjs';

const BUF = '@bufbuild/buf@1.75.0';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packages = join(root, 'packages');
const protoFolder = (name) => join(packages, name, 'proto');

const named = process.argv.slice(2);
const names = named.length > 0 ? named : readdirSync(packages).filter((name) => existsSync(protoFolder(name)));

for (const name of names) {
  if (!existsSync(protoFolder(name))) throw new Error(`packages/${name} has no proto folder.`);
  generate(name);
}

function generate(name) {
  const { file: files } = describe(protoFolder(name));
  const types = register(files);
  const folder = join(packages, name, 'src', 'generated');
  rmSync(folder, { recursive: true, force: true });
  for (const file of files) {
    const output = join(folder, outputPath(file));
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, typescriptOf(file, types));
  }
  writeFileSync(join(folder, 'text-fields.ts'), textFieldsOf(types));
  copyFileSync(fileURLToPath(new URL('protobuf.ts', import.meta.url)), join(folder, 'protobuf.ts'));
  prettier(folder);
}

/** What buf understood of the .proto files in a folder: a FileDescriptorSet as JSON. */
function describe(folder) {
  const work = mkdtempSync(join(tmpdir(), 'tenon-proto-'));
  try {
    const image = join(work, 'image.json');
    // Outside the workspace: npx would otherwise look for the tool in it.
    run('npx', ['--yes', '-p', BUF, 'buf', 'build', folder, '-o', image], work);
    return JSON.parse(readFileSync(image, 'utf8'));
  } finally {
    rmSync(work, { recursive: true });
  }
}

function prettier(folder) {
  // The generated folder is not checked for its style, but people read it.
  run('npx', ['prettier', '--log-level', 'warn', '--ignore-path', '/dev/null', '--write', folder], root);
}

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed; see the messages above.`);
}
