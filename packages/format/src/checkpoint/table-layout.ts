// A sorted table: data blocks, an index block, and a footer that says where the index block is.

/** Two block handles of two numbers each, padded to 40 bytes, and the magic number. */
export const FOOTER_BYTES = 48;

/** The last 8 bytes, as two little-endian halves. */
export const MAGIC_LOW = 0x8b80fb57;
export const MAGIC_HIGH = 0xdb477524;

/** After each block: how it is compressed, and a masked CRC-32C of it and that byte. */
export const BLOCK_TRAILER_BYTES = 5;

export const BLOCK_UNCOMPRESSED = 0;
export const BLOCK_SNAPPY = 1;
