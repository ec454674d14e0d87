import { readFile, writeFile } from 'node:fs/promises';
import { readNpy, writeNpy } from '@tenon/format/npz';
import type { Tensor } from '@tenon/hub';

/**
 * What an image module makes of pictures is the slow part of training what comes on top of it, and the same in every epoch. So it is computed
 * once, and kept in a file for the next run.
 */
export async function cachedBottlenecks(
  file: string,
  compute: () => Promise<Tensor<'float32'>>,
): Promise<Tensor<'float32'>> {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes) {
    console.log(`  from ${file}`);
    return readNpy(bytes, file).as('float32');
  }
  const bottlenecks = await compute();
  await writeFile(file, writeNpy(bottlenecks));
  console.log(`  computed, and kept in ${file}`);
  return bottlenecks;
}
