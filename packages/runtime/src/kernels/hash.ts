import type { Operation } from '@tenon/graph';
import { Tensor, type StringArray } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { fingerprint64 } from './fingerprint64.js';
import { hash64 } from './hash64.js';
import { halvesOf, writeInt64 } from './int64-halves.js';
import { sipHash } from './sip-hash.js';
import { halves, type Register } from './uint64-registers.js';

type Hash = (bytes: Uint8Array, start: number, end: number) => Register;

/** Up to this many buckets, remainders are exact in doubles, one half of the hash after the other. */
const MOST_QUICK = 2 ** 21;

/** `hash % buckets`. */
function bucketOf(hash: Register, buckets: bigint): number | bigint {
  const high = halves[hash + 1]! >>> 0;
  const low = halves[hash]! >>> 0;
  if (buckets > MOST_QUICK) return ((BigInt(high) << 32n) | BigInt(low)) % buckets;
  const divisor = Number(buckets);
  return remainder(remainder(high, divisor) * 0x1_0000_0000 + low, divisor);
}

/** `value % divisor`, of integers up to 2 ** 53, without the slow exact remainder of doubles. */
function remainder(value: number, divisor: number): number {
  const rest = value - Math.floor(value / divisor) * divisor;
  // The quotient may have been rounded up to the next integer.
  return rest < 0 ? rest + divisor : rest;
}

function bucketKernel(operation: Operation, hash: Hash): Kernel {
  const buckets = operation.attribute('num_buckets', 'int');
  return ([input]) => {
    const { bytes, offsets, length } = input!.data as StringArray;
    const ids = new BigInt64Array(length);
    // One bucket, as text modules with a single out-of-vocabulary row have it, needs no hash.
    if (buckets === 1n) return [new Tensor('int64', input!.shape, ids)];
    const words = halvesOf(ids);
    for (let i = 0; i < length; i++) {
      const bucket = bucketOf(hash(bytes, offsets[i]!, offsets[i + 1]!), buckets);
      if (typeof bucket === 'number') writeInt64(words, i, bucket);
      else ids[i] = bucket;
    }
    return [new Tensor('int64', input!.shape, ids)];
  };
}

export const hashKernels: readonly KernelDefinition[] = [
  define('StringToHashBucketFast', (operation) => bucketKernel(operation, fingerprint64)),
  define('StringToHashBucket', (operation) => bucketKernel(operation, hash64)),
  define('StringToHashBucketStrong', (operation) => {
    const key = halvesOf(BigInt64Array.from(operation.list('key', 'int')));
    return bucketKernel(operation, (bytes, start, end) => sipHash(key, bytes, start, end));
  }),
];
