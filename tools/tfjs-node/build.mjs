// Builds the binding of `@tensorflow/tfjs-node` from the installed package's own source, where its download of a ready one is blocked or turned
// off: against the TensorFlow libraries and headers that PyPI's wheel of TensorFlow carries. Linux only; needs g++ 9 or newer.
//   node tools/tfjs-node/build.mjs [--tensorflow FOLDER]
// FOLDER is the `tensorflow` folder of an installed TensorFlow of that release; without it the wheel is downloaded with pip.
// What is built and downloaded is kept under out/tfjs-node; a second run does only what is missing.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run } from '../ci/checks.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'out/tfjs-node');
const TENSORFLOW = '2.21.0';
/** The wheel is only unpacked, so that any Python's will do. */
const WHEEL = { python: '3.11', platforms: { x64: 'manylinux_2_27_x86_64', arm64: 'manylinux_2_27_aarch64' } };
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const NAPI_VERSION = 8;

/** A step that did not succeed: what was tried, and what can be done about it. */
class BuildError extends Error {}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { tensorflow: { type: 'string' } } });
  try {
    console.log(buildBinding(values));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/**
 * Makes the installed `@tensorflow/tfjs-node` loadable.
 *
 * @param {{ tensorflow?: string | undefined }} options the `tensorflow` folder of an installed TensorFlow, instead of a download
 * @returns {string} what it did, in a line
 * @throws BuildError
 */
function buildBinding({ tensorflow }) {
  if (process.platform !== 'linux')
    throw new BuildError(
      `This builds on Linux only, and this is ${process.platform}. Use the download: npm rebuild @tensorflow/tfjs-node --ignore-scripts=false`,
    );
  const folder = join(ROOT, 'node_modules/@tensorflow/tfjs-node');
  if (!existsSync(join(folder, 'binding/tfjs_backend.cc')))
    throw new BuildError(`There is no source of @tensorflow/tfjs-node in ${folder}. Run "npm ci" first.`);
  const target = join(folder, `lib/napi-v${NAPI_VERSION}/tfjs_binding.node`);
  if (existsSync(target) && problemOfLoading() === undefined) return `${target} is there already, and loads.`;

  const from = tensorflow === undefined ? downloadedTensorFlow() : resolve(tensorflow);
  const libraries = linkedLibraries(from);
  const binding = compiled(folder, from, libraries);
  install(binding, target, libraries, join(folder, 'deps/lib'));
  const problem = problemOfLoading();
  if (problem !== undefined)
    throw new BuildError(
      `@tensorflow/tfjs-node was built, and does not load:\n${problem}\nRemove ${CACHE} to build it anew.`,
    );
  return `${target} is built against TensorFlow ${TENSORFLOW}, and loads.`;
}

/** Why the package does not load and compute; `undefined` if it does. In a process of its own, which a broken library may end. */
function problemOfLoading() {
  const program = join(import.meta.dirname, 'compute.cjs');
  const { status, output } = run(process.execPath, [program], { env: { TF_CPP_MIN_LOG_LEVEL: '3' } });
  return status === 0 ? undefined : output;
}

/** The `tensorflow` folder out of PyPI's wheel. */
function downloadedTensorFlow() {
  const folder = join(CACHE, `tensorflow-${TENSORFLOW}`);
  if (existsSync(folder)) return join(folder, 'tensorflow');
  const platform = WHEEL.platforms[process.arch];
  if (platform === undefined)
    throw new BuildError(
      `There is no wheel of TensorFlow for ${process.arch}. Name an installed one with --tensorflow.`,
    );
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, 'wheel-'));
  try {
    const requirement = `tensorflow-cpu==${TENSORFLOW}`;
    const wheel = ['--no-deps', '--only-binary=:all:', '--python-version', WHEEL.python, '--platform', platform];
    step(
      `download ${requirement} from PyPI`,
      'python3',
      ['-m', 'pip', 'download', ...wheel, '--dest', work, requirement],
      {
        advice:
          'Is there a python3 with pip, and does it reach a package index? Else name an installed TensorFlow with --tensorflow.',
      },
    );
    const file = readdirSync(work).find((name) => name.endsWith('.whl'));
    const unpacked = join(work, 'unpacked');
    const unpack = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
  names = [name for name in wheel.namelist() if name.startswith('tensorflow/include/') or name in sys.argv[3:]]
  wheel.extractall(sys.argv[2], names)`;
    const wanted = LIBRARIES.map((name) => `tensorflow/${name}`);
    step(`unpack ${file}`, 'python3', ['-c', unpack, join(work, file), unpacked, ...wanted], {
      advice: `It needs about 1.5 GB below ${CACHE}.`,
    });
    publish(unpacked, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return join(folder, 'tensorflow');
}

/** A folder with the libraries under the names that the linker looks for, and those that they look for each other by. */
function linkedLibraries(tensorflow) {
  const missing = [...LIBRARIES, 'include/tensorflow/c/c_api.h'].filter((name) => !existsSync(join(tensorflow, name)));
  if (missing.length > 0)
    throw new BuildError(
      `${tensorflow} is not the "tensorflow" folder of TensorFlow ${TENSORFLOW} for Linux: it has no ${missing.join(', ')}.`,
    );
  const folder = join(CACHE, `lib-${digest([tensorflow])}`);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, 'lib-'));
  for (const library of LIBRARIES) {
    symlinkSync(join(tensorflow, library), join(work, library));
    symlinkSync(join(tensorflow, library), join(work, library.replace('_cc', '').replace(/\.2$/, '')));
  }
  publish(work, folder);
  return folder;
}

/** The compiled binding; made anew when a source of it, TensorFlow or the compiler changes. */
function compiled(folder, tensorflow, libraries) {
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(folder, 'binding', name));
  const compiler = process.env.CXX ?? 'g++';
  const { stdout: version } = step('find a compiler of C++', compiler, ['--version'], {
    advice: 'Install g++ 9 or newer (Debian and Ubuntu: apt-get install g++), or name one in CXX.',
  });
  const headers = nodeHeaders();
  const texts = readdirSync(join(folder, 'binding'))
    .sort()
    .map((name) => readFileSync(join(folder, 'binding', name)));
  const file = join(CACHE, `tfjs_binding-${digest([version, tensorflow, headers, TENSORFLOW, ...texts])}.node`);
  if (existsSync(file)) return file;
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, 'compile-'));
  try {
    const flags = ['-std=c++17', '-O2', '-fPIC', '-w', `-DNAPI_VERSION=${NAPI_VERSION}`, '-DBUILDING_NODE_EXTENSION'];
    const includes = [`-I${headers}`, `-I${join(tensorflow, 'include')}`];
    const built = join(work, 'tfjs_binding.node');
    const libs = [`-L${libraries}`, '-Wl,-rpath,$ORIGIN/../../deps/lib', '-ltensorflow', '-ltensorflow_framework'];
    // The libraries find each other through the binding's path, once it lies in the package.
    const link = ['-shared', '-Wl,--disable-new-dtags', `-Wl,-rpath-link,${libraries}`, ...libs];
    step('compile the binding', compiler, [...flags, ...includes, ...sources, ...link, '-o', built], {
      advice: `TensorFlow's headers are read from ${tensorflow}, Node's from ${headers}.`,
    });
    renameSync(built, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return file;
}

/** Headers of Node's stable interface for addons, which is the same in all its releases: those beside Node, else the npm package that carries them. */
function nodeHeaders() {
  const candidates = [process.env.npm_config_nodedir, dirname(dirname(process.execPath))];
  for (const candidate of candidates) {
    const folder = candidate && join(candidate, 'include/node');
    if (folder && existsSync(join(folder, 'node_api.h'))) return folder;
  }
  const folder = join(CACHE, 'node-api-headers');
  const headers = join(folder, 'node_modules/node-api-headers/include');
  if (existsSync(headers)) return headers;
  mkdirSync(folder, { recursive: true });
  const options = ['--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
  step("get the headers of Node's interface for addons", 'npm', ['install', ...options, 'node-api-headers@1'], {
    advice: `There are none in ${dirname(dirname(process.execPath))}/include/node; npm_config_nodedir can name another folder that has include/node.`,
  });
  return headers;
}

/** Puts the binding, and the folder of the libraries that it looks for beside itself, into the package. */
function install(binding, target, libraries, link) {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(binding, `${target}.new`);
  // A process that has the old one open keeps it.
  renameSync(`${target}.new`, target);
  mkdirSync(dirname(link), { recursive: true });
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link, { recursive: true });
  symlinkSync(libraries, link);
}

/** Gives a finished folder its name; whoever made the same meanwhile has made the same. */
function publish(work, folder) {
  try {
    renameSync(work, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(work, { recursive: true, force: true });
  }
}

function step(title, command, args, { advice }) {
  console.log(`${title} …`);
  const result = run(command, args);
  if (result.status === 0) return result;
  throw new BuildError(`Could not ${title}. ${advice}\n${command} ${args.join(' ')}\n${result.output.slice(-4000)}`);
}

function digest(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
}
