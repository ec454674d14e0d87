import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from './checks.mjs';

/** Where the environments are: `VENVS`, for those that are there already, else beside the project. */
const VENVS = resolve(process.env.VENVS ?? '.venvs');

const ENVIRONMENTS = {
  /** The last releases with TensorFlow Hub's API of version 1. */
  hub1: ['tensorflow-cpu==2.15.1', 'tensorflow_hub==0.15.0', 'numpy==1.26.4'],
  /** Today's; and what checks and runs ONNX models. */
  tf: ['tensorflow-cpu==2.21.0', 'tf_keras==2.21.0', 'tensorflow_hub==0.16.1', 'onnx==1.23.2', 'onnxruntime==1.31.1'],
};
/** Releases of Python that both have wheels for. */
const PYTHONS = ['3.11', '3.10'];

/**
 * An environment with real TensorFlow; made if it is not there.
 *
 * @param {keyof typeof ENVIRONMENTS} name
 * @returns {string} the path of its Python
 */
export function environment(name) {
  const requirements = ENVIRONMENTS[name];
  const python = join(VENVS, name, 'bin/python');
  if (existsSync(python) && hasAll(python, requirements)) return python;
  succeed(findPython(), ['-m', 'venv', '--clear', join(VENVS, name)]);
  succeed(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements]);
  return python;
}

/** Settings that keep TensorFlow quiet and its results the same on every machine. */
export const TENSORFLOW_ENVIRONMENT = {
  CUDA_VISIBLE_DEVICES: '',
  TF_CPP_MIN_LOG_LEVEL: '3',
  TF_ENABLE_ONEDNN_OPTS: '0',
  PYTHONDONTWRITEBYTECODE: '1',
};

function hasAll(python, requirements) {
  const versions = requirements.map((requirement) => requirement.split('=='));
  // The package without "-cpu" is the same for the processor.
  const program = `
import sys
from importlib.metadata import PackageNotFoundError, version
def found(name):
  try: return version(name)
  except PackageNotFoundError: return None
wanted = ${JSON.stringify(versions)}
sys.exit(any(v not in (found(n), found(n.replace("-cpu", ""))) for n, v in wanted))`;
  return run(python, ['-c', program]).status === 0;
}

function findPython() {
  for (const command of [...PYTHONS.map((version) => `python${version}`), 'python3']) {
    const { status, stdout } = run(command, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    if (status === 0 && PYTHONS.includes(stdout.trim())) return command;
  }
  throw new Error(`Python ${PYTHONS.join(' or ')} is needed, and not on the PATH.`);
}

function succeed(command, args) {
  const { status, output } = run(command, args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${output.slice(-4000)}`);
}
