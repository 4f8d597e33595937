import { type Result, err, ok } from '#shared/result.ts';

/** One record of a Sierra Chart intraday file, prices as they are stored. */
export type ScidRecord = {
  /** UTC microseconds since 1970. */
  readonly atUs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly trades: number;
  readonly volume: number;
  /** A single trade, with ask and bid of its moment where other records have high and low. */
  readonly isTrade: boolean;
};

export type ScidHeader = { readonly headerSize: number; readonly recordSize: number };

export const SCID_HEADER_BYTES = 56;
const RECORD_BYTES = 40;
/** Microseconds from 1899-12-30 to 1970-01-01. */
const EPOCH_US = 2_209_161_600_000_000n;
/** Older files have days since 1899-12-30 as a double: read as an integer, that is larger than any time. */
const LARGEST_TIME = 100_000_000_000_000_000n;
const DAY_US = 86_400_000_000;
const DAYS_TO_1970 = 25_569;
/** Open prices that mark the first and last part of a trade that was told in parts. */
const PART_OF_TRADE = -1.9e37;

/**
 * Reads the head of a file.
 * @errors a sentence: this is no such file, or one of a kind that is not known
 */
export function readScidHeader(bytes: Buffer): Result<ScidHeader, string> {
  if (bytes.length < SCID_HEADER_BYTES) return err('it is shorter than the head of a Sierra Chart file');
  if (bytes.toString('latin1', 0, 4) !== 'SCID') return err('it is no Sierra Chart intraday file');
  const headerSize = bytes.readUInt32LE(4);
  const recordSize = bytes.readUInt32LE(8);
  if (headerSize < SCID_HEADER_BYTES || headerSize > 65_536 || recordSize !== RECORD_BYTES)
    return err(`its records have ${recordSize} bytes, ${RECORD_BYTES} are known`);
  return ok({ headerSize, recordSize });
}

function timeOf(bytes: Buffer, at: number): number {
  const stored = bytes.readBigInt64LE(at);
  if (stored <= LARGEST_TIME && stored >= 0n) return Number(stored - EPOCH_US);
  return Math.round((bytes.readDoubleLE(at) - DAYS_TO_1970) * DAY_US);
}

/** Reads whole records, oldest first; bytes of one that is still being written are left. */
export function readScidRecords(bytes: Buffer): readonly ScidRecord[] {
  const count = Math.floor(bytes.length / RECORD_BYTES);
  const records: ScidRecord[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = index * RECORD_BYTES;
    const open = bytes.readFloatLE(at + 8);
    const record: ScidRecord = {
      atUs: timeOf(bytes, at),
      open,
      high: bytes.readFloatLE(at + 12),
      low: bytes.readFloatLE(at + 16),
      close: bytes.readFloatLE(at + 20),
      trades: bytes.readUInt32LE(at + 24),
      volume: bytes.readUInt32LE(at + 28),
      isTrade: open === 0 || open <= PART_OF_TRADE,
    };
    // A time or price that is none: the record is not.
    if (record.atUs > 0 && Number.isFinite(record.close) && record.close !== 0) records.push(record);
  }
  return records;
}
