import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { DeskError } from '#shared/contract/errors.ts';
import { UPLOAD_PART_BYTES } from '#shared/contract/journal-operations.ts';
import type { EpochMs } from '#shared/units.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';

/** How many uploads (or downloads) the desk holds at a time, and for how long after they were last touched. */
export const TRANSFERS_AT_A_TIME = 4;
export const UPLOADS_TOGETHER_BYTES = 128 * 1024 * 1024;
export const TRANSFER_LIFE_MS = 10 * 60_000;

export type UploadedFile = { readonly fileName: string; readonly bytes: Uint8Array };

/** What a download hands out: bytes at hand, or a file that is removed with it. */
export type DownloadSource = {
  readonly fileName: string;
  readonly mediaType: string;
  readonly size: number;
  readonly content: { readonly bytes: Uint8Array } | { readonly path: string };
};

export type TransferParts = { readonly clock: Clock; readonly ids: Ids };

type Upload = {
  readonly fileName: string;
  readonly size: number;
  readonly parts: Buffer[];
  received: number;
  touched: EpochMs;
  /** Taken at least once: it may make room for another. */
  isUsed: boolean;
};

const refused = (message: string, remedy: string): DeskError => new DeskError({ code: 'refused', message, remedy });
const gone = (field: string, value: string, remedy: string): DeskError =>
  new DeskError({ code: 'not-found', message: 'This file is not here any more.', field, value, remedy });
const badPart = (field: string, value: number | string, message: string, remedy: string): DeskError =>
  new DeskError({ code: 'invalid-input', field, value: String(value), message, remedy });

const megabytes = (bytes: number): string => `${Math.floor(bytes / (1024 * 1024))} MB`;

/** Files on their way in, in parts. */
export interface Uploads {
  /** @errors DeskError 'refused' when too many, or too much, is held already */
  begin(file: { readonly fileName: string; readonly size: number }): { readonly uploadId: string };
  /** Takes the next part. @errors DeskError 'not-found', 'invalid-input' (offset, size, part) */
  append(part: { readonly uploadId: string; readonly offset: number; readonly base64: string }): {
    readonly received: number;
  };
  /** The whole file; it stays until it expires. @errors DeskError 'not-found', 'refused' while parts are missing */
  take(uploadId: string): UploadedFile;
  close(): void;
}

/** Drops what was not touched for a while, whenever the holder is used and once more when nobody does. */
function expiry<T extends { touched: EpochMs }>(held: Map<string, T>, clock: Clock, drop: (one: T) => void) {
  let cancel: (() => void) | null = null;
  const sweep = (): void => {
    const oldest = clock.now() - TRANSFER_LIFE_MS;
    for (const [id, one] of held) {
      if (one.touched > oldest) continue;
      held.delete(id);
      drop(one);
    }
    cancel?.();
    cancel = held.size === 0 ? null : clock.after(TRANSFER_LIFE_MS, sweep);
  };
  const stop = (): void => {
    cancel?.();
    cancel = null;
    for (const one of held.values()) drop(one);
    held.clear();
  };
  return { sweep, stop };
}

/** Checks that a part is the next one and decodes it. */
function decodePart(upload: Upload, offset: number, base64: string): Buffer {
  if (offset !== upload.received) {
    const remedy = `Send the part that begins at ${upload.received}.`;
    throw badPart('offset', offset, 'This is not the next part of the file.', remedy);
  }
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > UPLOAD_PART_BYTES) {
    throw badPart('base64', bytes.length, 'The part is too large.', `Send at most ${UPLOAD_PART_BYTES} bytes at once.`);
  }
  if (bytes.length === 0) throw badPart('base64', '', 'The part is empty.', 'Send at least one byte.');
  if (upload.received + bytes.length > upload.size) {
    const remedy = 'Begin again with the size the file has.';
    throw badPart('base64', bytes.length, `The file was announced with ${upload.size} bytes and has more.`, remedy);
  }
  return bytes;
}

/** Returns an empty holder of uploads: 4 at a time, 128 MB together, 10 minutes each. */
export function createUploads({ clock, ids }: TransferParts): Uploads {
  const held = new Map<string, Upload>();
  const { sweep, stop } = expiry(held, clock, ({ parts }) => void (parts.length = 0));
  const find = (uploadId: string): Upload => {
    sweep();
    const found = held.get(uploadId);
    if (found === undefined) throw gone('uploadId', uploadId, 'Choose the file again.');
    found.touched = clock.now();
    return found;
  };
  const isRoomFor = (size: number): boolean => {
    const together = [...held.values()].reduce((sum, one) => sum + one.size, size);
    return held.size < TRANSFERS_AT_A_TIME && together <= UPLOADS_TOGETHER_BYTES;
  };
  return {
    begin: ({ fileName, size }) => {
      sweep();
      // A file that was read already gives way, the one used longest ago first.
      const used = [...held].filter(([, one]) => one.isUsed).sort(([, a], [, b]) => a.touched - b.touched);
      for (const [id] of used) if (!isRoomFor(size)) held.delete(id);
      if (!isRoomFor(size)) {
        const message = `At most ${TRANSFERS_AT_A_TIME} files, ${megabytes(UPLOADS_TOGETHER_BYTES)} together, are held at a time.`;
        throw refused(message, 'Finish one of the others first; an unfinished one is dropped after 10 minutes.');
      }
      const uploadId = ids.next();
      held.set(uploadId, { fileName, size, parts: [], received: 0, touched: clock.now(), isUsed: false });
      sweep();
      return { uploadId };
    },
    append: ({ uploadId, offset, base64 }) => {
      const upload = find(uploadId);
      const bytes = decodePart(upload, offset, base64);
      upload.parts.push(bytes);
      upload.received += bytes.length;
      return { received: upload.received };
    },
    take: (uploadId) => {
      const upload = find(uploadId);
      if (upload.received < upload.size) {
        const message = `Only ${upload.received} of ${upload.size} bytes of ${upload.fileName} have arrived.`;
        throw refused(message, 'Send the rest of the file first.');
      }
      if (upload.parts.length > 1) upload.parts.splice(0, upload.parts.length, Buffer.concat(upload.parts));
      upload.isUsed = true;
      return { fileName: upload.fileName, bytes: upload.parts[0] ?? new Uint8Array() };
    },
    close: stop,
  };
}

type Download = { readonly source: DownloadSource; touched: EpochMs; isRead: boolean };

export type DownloadPart = { readonly base64: string; readonly nextOffset: number; readonly isLast: boolean };

/** Files on their way out, in parts. */
export interface Downloads {
  /** @errors DeskError 'refused' when too many are held; ask before the file is made */
  mustHaveRoom(): void;
  /** Holds a file; it is removed when it expires, makes room for another, or at close. */
  add(source: DownloadSource): string;
  /** @errors DeskError 'not-found', 'invalid-input' for an offset beyond the end */
  read(part: { readonly downloadId: string; readonly offset: number }): DownloadPart;
  close(): void;
}

function readPart({ content, size }: DownloadSource, offset: number): Buffer {
  const length = Math.min(UPLOAD_PART_BYTES, size - offset);
  if ('bytes' in content) return Buffer.from(content.bytes.subarray(offset, offset + length));
  const part = Buffer.alloc(length);
  const descriptor = openSync(content.path, 'r');
  try {
    let done = 0;
    while (done < length) {
      const read = readSync(descriptor, part, done, length - done, offset + done);
      if (read === 0) throw refused('The prepared file was cut short.', 'Make the export again.');
      done += read;
    }
  } finally {
    closeSync(descriptor);
  }
  return part;
}

/** Returns an empty holder of downloads: 4 at a time, each until 10 minutes after it was last read. */
export function createDownloads({ clock, ids }: TransferParts): Downloads {
  const held = new Map<string, Download>();
  const remove = ({ source: { content } }: Download): void => {
    if ('path' in content) rmSync(content.path, { force: true });
  };
  const { sweep, stop } = expiry(held, clock, remove);
  const makeRoom = (): void => {
    sweep();
    const read = [...held].filter(([, one]) => one.isRead).sort(([, a], [, b]) => a.touched - b.touched);
    for (const [id, one] of read) {
      if (held.size < TRANSFERS_AT_A_TIME) return;
      held.delete(id);
      remove(one);
    }
    if (held.size >= TRANSFERS_AT_A_TIME) {
      const message = `At most ${TRANSFERS_AT_A_TIME} exports are held at a time.`;
      throw refused(message, 'Fetch one of the others first; an unfetched one is dropped after 10 minutes.');
    }
  };
  return {
    mustHaveRoom: makeRoom,
    add: (source) => {
      makeRoom();
      const downloadId = ids.next();
      held.set(downloadId, { source, touched: clock.now(), isRead: false });
      sweep();
      return downloadId;
    },
    read: ({ downloadId, offset }) => {
      sweep();
      const found = held.get(downloadId);
      if (found === undefined) throw gone('downloadId', downloadId, 'Make the export again.');
      const { size } = found.source;
      if (offset > size) {
        throw badPart('offset', offset, 'This is beyond the end of the file.', `The file has ${size} bytes.`);
      }
      found.touched = clock.now();
      const part = readPart(found.source, offset);
      const nextOffset = offset + part.length;
      const isLast = nextOffset === size;
      if (isLast) found.isRead = true;
      return { base64: part.toString('base64'), nextOffset, isLast };
    },
    close: stop,
  };
}
