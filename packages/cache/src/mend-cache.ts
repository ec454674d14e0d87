import { tryWithEntryLock } from './entry-lock.js';
import { checkEntry } from './entry-state.js';
import { entryPathsOfKey, type EntryPaths } from './entry-paths.js';
import { explainSystemError } from './errors.js';
import { examineCache, type Finding } from './examine-cache.js';
import { removeLeftovers } from './leftovers.js';
import type { ListOptions } from './list-entries.js';
import type { Verification } from './manifest.js';
import type { ModuleCache } from './module-cache.js';
import { discardModule } from './remove-entry.js';
import { survey } from './survey.js';
import { unlessRefused } from './unless-refused.js';

export interface MendReport {
  readonly mended: readonly Finding[];
  /** What is still so, because it cannot be mended, is not permitted to be, or somebody has begun to work there. */
  readonly left: readonly Finding[];
}

/**
 * Does what can be done about what `examineCache` finds: removes damaged modules, which are downloaded again when they are asked for, and
 * what is left over. Pins stay.
 *
 * @throws CachePermissionError, CacheNotADirectoryError where there is no looking.
 */
export async function mendCache(cache: ModuleCache, { verify = 'sizes' }: ListOptions = {}): Promise<MendReport> {
  const findings = await examineCache(cache, { verify });
  const stillDamaged: Finding[] = [];
  // What is refused is found again below.
  const attempt = <T>(work: () => Promise<T>) => unlessRefused(cache.directory, () => undefined, work);
  try {
    for (const finding of findings) {
      if (finding.kind !== 'damaged-module') continue;
      const isRemoved = await attempt(() => removeDamaged(entryPathsOfKey(cache.directory, finding.key!), verify));
      if (!isRemoved) stillDamaged.push(finding);
    }
    for (const entry of (await survey(cache.directory)).entries) await attempt(() => removeLeftovers(entry));
  } catch (error) {
    throw explainSystemError(error, cache.directory);
  }
  // Contents were read once already.
  const others = (await examineCache(cache)).filter(({ kind }) => kind !== 'damaged-module');
  const left = [...stillDamaged, ...others];
  const remaining = new Set(left.map(identityOf));
  return { mended: findings.filter((finding) => finding.isMendable && !remaining.has(identityOf(finding))), left };
}

/** @returns whether there is no damaged module any more. */
async function removeDamaged(paths: EntryPaths, verify: Verification): Promise<boolean> {
  const attempt = await tryWithEntryLock(paths, async (id) => {
    // Somebody may have downloaded it again meanwhile.
    const found = await checkEntry(paths, verify).catch(() => undefined);
    if (found === undefined || found.state === 'damaged') await discardModule(paths, id);
  });
  return attempt.acquired;
}

function identityOf({ kind, path }: Finding): string {
  return `${kind} ${path}`;
}
