const pending = new Set<() => void>();

function runAll(): void {
  for (const task of pending) {
    try {
      task();
    } catch {
      // The process is going; a file that cannot be removed must not change its exit status, and the next process copes with it.
    }
  }
}

/** Runs a task if the process exits before the function returned has been called. A process that is killed runs nothing. */
export function runAtExit(task: () => void): () => void {
  if (pending.size === 0) process.on('exit', runAll);
  pending.add(task);
  return () => {
    pending.delete(task);
    if (pending.size === 0) process.off('exit', runAll);
  };
}
