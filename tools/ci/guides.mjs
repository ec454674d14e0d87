// Checks that what the guides in docs/guides show is true: all TypeScript of a guide is one program, which must have no type errors and run; its commands
// of `tenon` must run, too. They find the modules of the fixtures that they name beside them. Needs a build.
//   node tools/ci/guides.mjs [NAME...]
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { transformSync } from 'esbuild';
import { Checks, run } from './checks.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const GUIDES = join(ROOT, 'docs/guides');
const FIXTURES = ['modules', 'saved_models'].map((kind) => join(ROOT, 'tools/fixtures', kind));
// Within the project, so that the packages are found as an installed one would be.
const FOLDER = join(ROOT, 'out/guides');

const wanted = process.argv.slice(2);
const guides = readdirSync(GUIDES)
  .filter((file) => file.endsWith('.md') && (wanted.length === 0 || wanted.includes(basename(file, '.md'))))
  .map((file) => {
    const markdown = readFileSync(join(GUIDES, file), 'utf8');
    const blocks = [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => ({ language, code }));
    const program = blocks.filter(({ language }) => language === 'ts').map(({ code }) => code);
    const commands = blocks
      .filter(({ language, code }) => language === 'sh' && isRunnable(code))
      .map(({ code }) => code);
    return { name: basename(file, '.md'), markdown, program: program.join('\n'), commands };
  });

const checks = new Checks();
rmSync(FOLDER, { recursive: true, force: true });
for (const guide of guides) prepare(guide);
checkTypes();
for (const guide of guides) {
  runGuide(guide);
  checkLinks(guide);
}
checks.close();

/** Commands that need neither a network nor this repository. */
function isRunnable(code) {
  return /^npx tenon /m.test(code) && !/https?:|^npm |^git /m.test(code);
}

function folderOf({ name }) {
  return join(FOLDER, name);
}

function prepare({ name, program, commands }) {
  const folder = folderOf({ name });
  mkdirSync(folder, { recursive: true });
  const shown = [program, ...commands].join('\n');
  for (const fixtures of FIXTURES)
    for (const module of readdirSync(fixtures).filter((module) => new RegExp(`\\b${module}\\b(?!-)`).test(shown)))
      cpSync(join(fixtures, module), join(folder, module), { recursive: true });
  if (program !== '') writeFileSync(join(folder, 'guide.ts'), `${program}\nexport {};\n`);
}

function checkTypes() {
  const compilerOptions = {
    ...{ strict: true, module: 'nodenext', target: 'es2022', lib: ['es2023', 'esnext.disposable', 'dom'] },
    ...{ types: ['node'], skipLibCheck: true, noEmit: true },
  };
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*/guide.ts'] }));
  checks.run(
    'the guides have no type errors',
    join(ROOT, 'node_modules/.bin/tsc'),
    ['--pretty', 'false', '-p', FOLDER],
    { cwd: ROOT },
  );
}

function runGuide(guide) {
  const folder = folderOf(guide);
  const env = { TFHUB_CACHE_DIR: join(folder, 'cache') };
  for (const [index, code] of guide.commands.entries()) {
    writeFileSync(join(folder, `commands-${index + 1}.sh`), code);
    checks.run(`${guide.name}: its commands run (${index + 1})`, 'sh', ['-e', `commands-${index + 1}.sh`], {
      cwd: folder,
      env,
    });
  }
  if (guide.program === '') return;
  const { code } = transformSync(guide.program, { loader: 'ts', format: 'esm', target: 'node20' });
  writeFileSync(join(folder, 'guide.mjs'), code);
  checks.run(`${guide.name}: its program runs`, 'node', ['guide.mjs'], { cwd: folder, env });
}

function checkLinks({ name, markdown }) {
  const prose = markdown.replace(/^```.*?^```$/gms, '').replace(/`[^`]*`/g, '');
  const targets = [...prose.matchAll(/\]\(([^)#]+?)(?:#[^)]*)?\)/g)].map(([, target]) => target);
  const missing = targets.filter((target) => !/^https?:/.test(target) && !existsSync(join(GUIDES, target)));
  checks.report(`${name}: its links lead somewhere`, missing.length === 0, missing.join('\n'));
}
