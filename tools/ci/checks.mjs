import { spawnSync } from 'node:child_process';

/** The last lines of what a command wrote that failed: enough to see why. */
const MOST_LINES = 60;

/** Counts checks and says what became of each; closes in the words of jest, which `run.mjs` counts. */
export class Checks {
  #passed = 0;
  #failed = 0;

  report(title, isPassed, details = '') {
    if (isPassed) this.#passed++;
    else this.#failed++;
    console.log(`${isPassed ? 'ok    ' : 'FAILED'} ${title}`);
    if (!isPassed && details !== '') console.log(indent(details));
  }

  /** Runs a command; passes if it exits with 0. */
  run(title, command, args, options = {}) {
    const { status, output } = run(command, args, options);
    this.report(title, status === 0, output);
    return status === 0;
  }

  close() {
    const total = this.#passed + this.#failed;
    console.log(
      `\nTests:       ${this.#failed > 0 ? `${this.#failed} failed, ` : ''}${this.#passed} passed, ${total} total`,
    );
    process.exitCode = this.#failed > 0 ? 1 : 0;
  }
}

/** Runs a command to its end. */
export function run(command, args, { cwd, env = {} } = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, FORCE_COLOR: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status, stdout: stdout ?? '', output: `${stdout ?? ''}${stderr ?? ''}${error ? String(error) : ''}` };
}

function indent(text) {
  const lines = text.trimEnd().split('\n');
  const shown = lines.slice(-MOST_LINES);
  if (shown.length < lines.length) shown.unshift(`… ${lines.length - shown.length} lines before`);
  return shown.map((line) => `       ${line}`).join('\n');
}
