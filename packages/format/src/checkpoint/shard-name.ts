/** `variables.data-00000-of-00002` */
export function shardName(prefix: string, shard: number, shards: number): string {
  return `${prefix}.data-${fiveDigits(shard)}-of-${fiveDigits(shards)}`;
}

export function indexName(prefix: string): string {
  return `${prefix}.index`;
}

function fiveDigits(value: number): string {
  return String(value).padStart(5, '0');
}
