/** What JavaScript and Node throw when a program is wrong. */
const BUILT_IN = new Set(['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'EvalError', 'URIError', 'AssertionError', 'SystemError']); // prettier-ignore

/**
 * Whether an error is one of Tenon's own, and does not merely wrap one that says that the program is wrong; or says that a call was
 * stopped by its signal.
 */
export function isTyped(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return true;
  const { code } = error as { code?: unknown };
  if (BUILT_IN.has(error.name) || typeof code !== 'string' || !code.startsWith('ERR_')) return false;
  const { cause } = error;
  if (cause === undefined) return true;
  // What an operation failed with is to be said in the words of the op.
  if (code === 'ERR_OPERATION') return isTyped(cause);
  // Parsers give up with a RangeError; a system's error says why a file cannot be opened.
  return !(cause instanceof TypeError || (cause instanceof RangeError && /stack|alloc|Invalid/.test(cause.message)));
}
