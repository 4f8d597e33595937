import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/**
 * The order ids of one client at one TWS. IB takes an id once, for ever: an id that may have been sent is never given
 * again, whatever crashed in between.
 */
export interface OrderIds {
  /** What TWS says is free, at every connection. Ids given from then on are at least that. */
  readonly atLeast: (nextValidId: number) => void;
  /** `count` ids in a row, on disk before they are given. Throws when they cannot be written down. */
  readonly take: (count: number) => number;
}

/** Ids written down ahead of their use, so that not every order waits for the disk. */
const BLOCK = 64;

const fileSchema = z.strictObject({ next: z.number().int().min(1) });

/** Makes order ids over something that keeps one number. */
export function createOrderIds(store: {
  readonly load: () => number;
  readonly save: (next: number) => void;
}): OrderIds {
  let next = Math.max(1, store.load());
  /** Ids below this are on disk as used. */
  let reserved = next;
  return {
    atLeast: (nextValidId) => {
      next = Math.max(next, nextValidId);
    },
    take: (count) => {
      const first = next;
      if (first + count > reserved) {
        const until = first + count + BLOCK;
        store.save(until);
        reserved = until;
      }
      next = first + count;
      return first;
    },
  };
}

/** Order ids that live as long as this process: for a connection that sends no orders, and for tests. */
export function createMemoryOrderIds(start = 1): OrderIds {
  let kept = start;
  return createOrderIds({
    load: () => kept,
    save: (next) => {
      kept = next;
    },
  });
}

const fileName = ({ host, port, clientId }: { host: string; port: number; clientId: number }): string =>
  `ib-order-ids-${host.replaceAll(/[^A-Za-z0-9.-]/g, '_')}-${port}-${clientId}.json`;

/**
 * Order ids in a small file of a folder, one for each TWS and client. Throws when the file cannot be read for another
 * reason than that it is not there: guessing would give an id twice.
 */
export function createFileOrderIds(
  folder: string,
  client: { readonly host: string; readonly port: number; readonly clientId: number },
): OrderIds {
  const path = join(folder, fileName(client));
  return createOrderIds({
    load: () => {
      try {
        return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).next;
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 1;
        throw new Error(`the order ids in ${path} cannot be read; look at the file before trading`, { cause: error });
      }
    },
    save: (next) => writeDurably(path, JSON.stringify({ next })),
  });
}

/** Whole or not at all, and on disk when it returns. */
function writeDurably(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.new`;
  const file = openSync(aside, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(aside, path);
  syncFolder(dirname(path));
}

/** Where the system cannot sync a folder (Windows), its journal of names has to do. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
