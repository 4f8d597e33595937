import { open, type FileHandle } from 'node:fs/promises';
import { readScidHeader, readScidRecords, type ScidHeader, SCID_HEADER_BYTES, type ScidRecord } from './scid-format.ts';

/** Bytes read at a time: 25,000 records. */
const CHUNK_BYTES = 1_000_000;

/** A Sierra Chart file that grows. Sierra writes a part of it at a time, and may write it anew. */
export interface ScidFile {
  /** Records written since the last call, oldest first; after the file was written anew, those that are later. */
  readonly tail: () => Promise<readonly ScidRecord[]>;
  /** Records with `fromUs` ≤ time < `toUs`, in parts, oldest first. */
  readonly range: (fromUs: number, toUs: number) => AsyncIterable<readonly ScidRecord[]>;
  /** The last record there is now; what is written after it comes with `tail`. Null in an empty file. */
  readonly seekEnd: () => Promise<ScidRecord | null>;
}

type Opened = {
  readonly handle: FileHandle;
  readonly header: ScidHeader;
  readonly records: number;
  readonly inode: number;
};

/** Makes a reader of one file, which is opened for each call and not held: Sierra may replace it. */
export function createScidFile(path: string): ScidFile {
  let next = 0;
  let inode: number | null = null;
  let lastUs = 0;

  const withFile = async <T>(work: (opened: Opened) => Promise<T>): Promise<T> => {
    const handle = await open(path, 'r').catch(() => {
      throw new Error(`the file ${path} cannot be read`);
    });
    try {
      const { size, ino } = await handle.stat();
      const head = Buffer.alloc(SCID_HEADER_BYTES);
      const { bytesRead } = await handle.read(head, 0, SCID_HEADER_BYTES, 0);
      const header = readScidHeader(head.subarray(0, bytesRead));
      if (!header.ok) throw new Error(`${path}: ${header.error}`);
      const { headerSize, recordSize } = header.value;
      const records = Math.max(0, Math.floor((size - headerSize) / recordSize));
      return await work({ handle, header: header.value, records, inode: ino });
    } finally {
      await handle.close();
    }
  };
  const read = async ({ handle, header }: Opened, from: number, count: number): Promise<readonly ScidRecord[]> => {
    const { headerSize, recordSize } = header;
    const bytes = Buffer.alloc(count * recordSize);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, headerSize + from * recordSize);
    return readScidRecords(bytes.subarray(0, bytesRead));
  };
  const perChunk = ({ header }: Opened): number => Math.floor(CHUNK_BYTES / header.recordSize);
  /** Number of the first record that is not before a time: the records are in order of time. */
  const firstAt = async (opened: Opened, us: number): Promise<number> => {
    let [low, high] = [0, opened.records];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [record] = await read(opened, middle, 1);
      if (record === undefined || record.atUs < us) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const tail: ScidFile['tail'] = () =>
    withFile(async (opened) => {
      const isAnew = opened.records < next || (inode !== null && inode !== opened.inode);
      inode = opened.inode;
      // What was read before it was written anew is not told again.
      if (isAnew) next = await firstAt(opened, lastUs + 1);
      const all: ScidRecord[] = [];
      while (next < opened.records) {
        const count = Math.min(perChunk(opened), opened.records - next);
        all.push(...(await read(opened, next, count)));
        next += count;
      }
      lastUs = Math.max(lastUs, all.at(-1)?.atUs ?? 0);
      return all;
    });
  async function* range(fromUs: number, toUs: number): AsyncIterable<readonly ScidRecord[]> {
    let at = await withFile((opened) => firstAt(opened, fromUs));
    for (;;) {
      const { part, count } = await withFile(async (opened) => {
        const left = Math.min(perChunk(opened), Math.max(0, opened.records - at));
        return { part: await read(opened, at, left), count: left };
      });
      if (count === 0) return;
      at += count;
      const inside = part.filter((record) => record.atUs < toUs);
      yield inside;
      if (inside.length < part.length) return;
    }
  }
  return {
    tail,
    range,
    seekEnd: () =>
      withFile(async (opened) => {
        next = opened.records;
        inode = opened.inode;
        const [last] = opened.records === 0 ? [] : await read(opened, opened.records - 1, 1);
        lastUs = last?.atUs ?? 0;
        return last ?? null;
      }),
  };
}
