// Generates TypeScript from the .proto files of our packages: packages/NAME/proto/** into packages/NAME/src/generated.
//
//     node tools/proto/generate.mjs            every package that has a proto folder
//     node tools/proto/generate.mjs format     these packages
//
// The folder is emptied first: nothing else may live in it.
// The tools come through npx at fixed versions, so that they weigh on nobody who only builds; what they make is committed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUF = '@bufbuild/buf@1.75.0';
const GENERATOR = '@bufbuild/protoc-gen-es@2.12.0';

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
  const work = mkdtempSync(join(tmpdir(), 'tenon-proto-'));
  try {
    const template = {
      version: 'v2',
      inputs: [{ directory: protoFolder(name) }],
      clean: true,
      plugins: [
        {
          local: 'protoc-gen-es',
          out: join(packages, name, 'src', 'generated'),
          opt: ['target=ts', 'import_extension=js'],
        },
      ],
    };
    const file = join(work, 'buf.gen.json');
    writeFileSync(file, JSON.stringify(template));
    const packagesOfNpx = ['-p', BUF, '-p', GENERATOR];
    // Outside the workspace: npx would otherwise look for the tools in it.
    const { status } = spawnSync('npx', ['--yes', ...packagesOfNpx, 'buf', 'generate', '--template', file], {
      cwd: work,
      stdio: 'inherit',
    });
    if (status !== 0) throw new Error(`Generating packages/${name}/src/generated failed; see the messages above.`);
  } finally {
    rmSync(work, { recursive: true });
  }
}
