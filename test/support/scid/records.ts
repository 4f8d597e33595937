/** Files as Sierra Chart writes them, by protocols.md 1.13. */

/** Microseconds since 1899-12-30, by the calendar: 25,569 days before 1970. */
const stored = (ms: number): bigint => BigInt(ms) * 1_000n + 25_569n * 86_400_000_000n;

export const SCID_HEADER = Buffer.alloc(56);
SCID_HEADER.write('SCID', 0, 'latin1');
SCID_HEADER.writeUInt32LE(56, 4);
SCID_HEADER.writeUInt32LE(40, 8);
SCID_HEADER.writeUInt16LE(1, 12);

/** A record of one trade: open 0, ask high, bid low, price last. */
export function scidTrade(ms: number, price: number, volume = 1): Buffer {
  const bytes = Buffer.alloc(40);
  bytes.writeBigInt64LE(stored(ms), 0);
  for (const [index, value] of [0, price + 0.25, price, price].entries()) bytes.writeFloatLE(value, 8 + 4 * index);
  bytes.writeUInt32LE(1, 24);
  bytes.writeUInt32LE(volume, 28);
  bytes.writeUInt32LE(volume, 32);
  return bytes;
}
