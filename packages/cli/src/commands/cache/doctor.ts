import { examineCache, mendCache, ModuleCache, type Finding } from '@tenon/cache';
import { displayUrl } from '@tenon/resolver';
import type { CommandIO } from '../../command-io.js';
import { CacheProblemsError, UsageError } from '../../errors.js';
import { parseOptions } from '../../parse-options.js';
import { printable } from '../../printable.js';
import { printJson } from '../../print-json.js';

const OPTIONS = { hashes: { type: 'boolean' }, mend: { type: 'boolean' }, json: { type: 'boolean' } } as const;

/** @throws UsageError; CacheProblemsError where something is, or remains, wrong; and what examining and mending a cache throws. */
export async function doctor(args: readonly string[], io: CommandIO): Promise<void> {
  const { values, positionals } = parseOptions(args, OPTIONS);
  if (positionals.length > 0)
    throw new UsageError(`The cache is examined as a whole; "${positionals[0]}" cannot be a part.`);
  const cache = new ModuleCache();
  const options = { verify: values.hashes ? 'contents' : 'sizes' } as const;
  const { mended, left } = values.mend
    ? await mendCache(cache, options)
    : { mended: [], left: await examineCache(cache, options) };
  if (values.json) {
    printJson(io, { directory: cache.directory, mended: mended.map(findingJson), findings: left.map(findingJson) });
  } else {
    io.stdout.write(`${printable(cache.directory)}\n`);
    for (const finding of mended) io.stdout.write(formatFinding('mended', finding));
    for (const finding of left) io.stdout.write(formatFinding(finding.severity, finding));
    if (mended.length + left.length === 0) io.stdout.write('Nothing is the matter.\n');
  }
  const problems = left.filter(({ severity }) => severity === 'problem');
  if (problems.length > 0) {
    const mendable = problems.filter(({ isMendable }) => isMendable).length;
    throw new CacheProblemsError(
      cache.directory,
      problems.length,
      `${problems.length === 1 ? 'One problem' : `${problems.length} problems`} with ${cache.directory}` +
        `${values.mend || mendable === 0 ? '' : `; tenon cache doctor --mend does what can be done about ${mendable}`}.`,
    );
  }
}

function findingJson({ handle, ...finding }: Finding): object {
  return { ...finding, ...(handle !== undefined && { handle: displayUrl(handle) }) };
}

function formatFinding(title: string, { path, handle, explanation, remedy }: Finding): string {
  const subject = handle === undefined ? path : `${displayUrl(handle)} (${path})`;
  return `\n${title}: ${printable(subject)}\n  ${printable(explanation)}\n${title === 'mended' ? '' : `  ${printable(remedy)}\n`}`;
}
