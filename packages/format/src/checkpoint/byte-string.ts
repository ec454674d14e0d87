const CHUNK = 4096;

/** Bytes as a string with one character per byte: a key for a Map that keeps bytes which are not UTF-8 apart. */
export function byteString(bytes: Uint8Array): string {
  // No more than the stack takes as arguments at once.
  if (bytes.length <= CHUNK) return String.fromCharCode(...bytes);
  let result = '';
  for (let start = 0; start < bytes.length; start += CHUNK) result += byteString(bytes.subarray(start, start + CHUNK));
  return result;
}
