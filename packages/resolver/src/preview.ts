const LENGTH = 80;

/** The beginning of a text, or of bytes taken for one, fit to be put into a message on one line. */
export function previewOf(bytes: Uint8Array): string {
  // Control characters would act on a terminal.
  const text = Buffer.from(bytes)
    .toString('utf8')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return text.length > LENGTH ? `${text.slice(0, LENGTH)}…` : text;
}
