// Runs the tutorials in examples/ as a new user would, and checks what they claim: what they print, and the files that they leave. Needs a build.
//   node tools/ci/tutorials.mjs [NAME...]
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inflateSync } from 'node:zlib';
import { load } from '@tenon/hub';
import { Checks, run } from './checks.mjs';

const ROOT = resolve(import.meta.dirname, '../..');

/** The number after a label in what was printed; several such, the last. */
const percent = (label) => (printed) =>
  Number([...printed.matchAll(new RegExp(`${label}.*?([\\d.]+) %\\s*$`, 'gm'))].at(-1)?.[1]);

/** Of each line: how far its ends are apart, and its largest step. */
const walks = (printed) =>
  [...printed.matchAll(/the ends are ([\d.]+) apart.*is ([\d.]+)$/gm)].map(([, ends, step]) => [
    Number(ends),
    Number(step),
  ]);

/** How many features there are, are matched, verified, and right. */
const matched = (printed, row) =>
  new RegExp(`${row} +(\\d+) +(\\d+) +(\\d+) +(\\d+)?`).exec(printed).slice(1).map(Number);

const TUTORIALS = {
  'text-classification': {
    claims: [
      ['fine-tuned reaches 95 %', (printed) => percent('fine-tuned')(printed) >= 95],
      ['frozen reaches 88 %', (printed) => percent('frozen')(printed) >= 88],
      ['fine-tuned is better than frozen', (printed) => percent('fine-tuned')(printed) > percent('frozen')(printed)],
      [
        'frozen is better than from scratch',
        (printed) => percent('frozen')(printed) > percent('from scratch')(printed),
      ],
    ],
    pictures: ['learning-curve.svg'],
    modules: ['text-module'],
  },
  'image-retraining': {
    claims: [
      ['reaches 85 %', (printed) => percent('epoch 40:')(printed) >= 85],
      [
        'gives the same when it is loaded again',
        (printed) => printed.includes('the same answer for 500 of 500 pictures'),
      ],
    ],
    pictures: ['learning-curve.svg', 'confusion.svg'],
    modules: ['image-module', 'classifier'],
    again: {
      options: ['--fine-tune'],
      claims: [
        [
          'uses what is there from the first run',
          (printed) => printed.includes('from an earlier run') && printed.includes('from out/bottlenecks-'),
        ],
        ['reaches 85 % when all of it learns', (printed) => percent('epoch 20:')(printed) >= 85],
      ],
    },
  },
  'semantic-similarity': {
    claims: [
      ['finds 95 % of the paraphrases', (printed) => percent('the module')(printed) >= 95],
      ['finds more than words in common do', (printed) => percent('words in common')(printed) < 50],
    ],
    pictures: ['learning-curve.svg', 'similarity.svg'],
    modules: ['sentence-encoder'],
  },
  'latent-space': {
    claims: [
      [
        'draws faces again',
        (printed) => Number(/step 1000: squared error per pixel ([\d.]+)/.exec(printed)[1]) < 0.004,
      ],
      [
        'walks in steps that are smaller than the way',
        (printed) => walks(printed).every(([ends, step]) => step < ends / 2),
      ],
      ['walks along four lines', (printed) => walks(printed).length === 4],
    ],
    pictures: ['learning-curve.svg', 'strips.png'],
    modules: ['generator'],
  },
  'image-features': {
    claims: [
      [
        'verifies 50 matches, nearly all of them right',
        (printed) =>
          matched(printed, 'the same scene')[2] >= 50 &&
          matched(printed, 'the same scene')[3] >= 0.95 * matched(printed, 'the same scene')[2],
      ],
      ['verifies next to none with another scene', (printed) => matched(printed, 'another scene')[2] <= 8],
      ['finds how the picture was turned', (printed) => Math.abs(/found +([\d.]+)°/.exec(printed)[1] - 12) < 0.5],
    ],
    pictures: ['matches.png'],
    modules: ['local-features'],
  },
};

const checks = new Checks();
const names = process.argv.slice(2);
for (const name of names.length > 0 ? names : Object.keys(TUTORIALS)) await checkTutorial(name, TUTORIALS[name]);
checks.close();

async function checkTutorial(name, { claims, pictures, modules, again }) {
  const out = join(ROOT, 'examples', name, 'out');
  rmSync(out, { recursive: true, force: true });
  if (!start(name, [], claims)) return;
  if (again && !start(name, again.options, again.claims)) return;
  for (const picture of pictures) {
    const problem = problemOf(join(out, picture));
    checks.report(`${name}: ${picture} is a picture`, problem === undefined, problem);
    checks.report(`${name}: ${picture} is among its files`, existsSync(join(ROOT, 'examples', name, picture)));
  }
  for (const module of modules) {
    const loaded = await load(join(out, module)).catch((error) => error);
    checks.report(`${name}: ${module} is a module`, !(loaded instanceof Error), String(loaded));
    if (!(loaded instanceof Error)) await loaded.dispose();
  }
}

function start(name, options, claims) {
  const args = ['start', '--silent', '--workspace', `examples/${name}`, '--', ...options];
  const { status, stdout, output } = run('npm', args, { cwd: ROOT });
  checks.report(`${[name, ...options].join(' ')}: runs`, status === 0, output);
  if (status === 0) for (const [claim, holds] of claims) checks.report(`${name}: ${claim}`, holds(stdout), stdout);
  return status === 0;
}

/** What is wrong with a picture; undefined if nothing is. */
function problemOf(file) {
  if (!existsSync(file)) return 'It is not there.';
  const bytes = readFileSync(file);
  return file.endsWith('.svg') ? svgProblem(bytes.toString()) : pngProblem(bytes);
}

function svgProblem(text) {
  if (!/^<svg [^>]*viewBox=/.test(text) || !text.endsWith('</svg>\n')) return 'It is no SVG.';
  if (/NaN|undefined|Infinity/.test(text)) return 'It has numbers that are none.';
  const open = [];
  for (const [, closing, tag, alone] of text.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (closing && open.pop() !== tag) return `</${tag}> closes what is not open.`;
    if (!closing && !alone) open.push(tag);
  }
  if (open.length > 0) return `<${open.join('>, <')}> stays open.`;
  return text.includes('<path') || text.includes('<rect x') ? undefined : 'Nothing is drawn in it.';
}

function pngProblem(bytes) {
  if (bytes.subarray(1, 4).toString('latin1') !== 'PNG') return 'It is no PNG.';
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const pixels = [];
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at) + 12)
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      pixels.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  const rows = inflateSync(Buffer.concat(pixels));
  if (rows.length !== height * (3 * width + 1)) return 'It is cut off.';
  return new Set(rows).size > 10 ? undefined : 'Nothing is drawn in it.';
}
