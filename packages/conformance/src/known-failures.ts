/** What a backend is known not to do right, with the reason; such a list may only shrink. */
export class KnownFailures {
  private readonly reasons = new Map<string, string>();
  /** Lines that are about no case. */
  readonly strays: readonly string[];

  /**
   * @param text Lines of `family / title: reason`; empty ones and those that start with `#` do not count.
   * @param ids What cases are called.
   */
  constructor(text: string, ids: readonly string[]) {
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    this.strays = lines.filter((line) => {
      // Titles hold colons, too.
      const id = ids.find((candidate) => line.startsWith(`${candidate}: `));
      if (id !== undefined) this.reasons.set(id, line.slice(id.length + 2));
      return id === undefined;
    });
  }

  reasonOf(id: string): string | undefined {
    return this.reasons.get(id);
  }
}
