import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeskError } from '#shared/contract/errors.ts';
import { UPLOAD_PART_BYTES } from '#shared/contract/journal-operations.ts';
import { epochMs } from '#shared/units.ts';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { createDownloads, createUploads, TRANSFER_LIFE_MS, type Uploads } from '#desk/records/transfers.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

const START = epochMs(1_750_000_000_000);
const MEBIBYTE = 1024 * 1024;

function holders() {
  const clock = createClock(START);
  const parts = { clock, ids: createIds(clock) };
  return { clock, uploads: createUploads(parts), downloads: createDownloads(parts) };
}

/** What a refusal says; fails when nothing is refused. */
function refusal(work: () => unknown): DeskError['data'] {
  try {
    work();
  } catch (error) {
    if (error instanceof DeskError) return error.data;
    throw error;
  }
  throw new Error('nothing was refused');
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

function send(uploads: Uploads, bytes: Uint8Array, partSize = UPLOAD_PART_BYTES): string {
  const { uploadId } = uploads.begin({ fileName: 'fills.csv', size: bytes.length });
  for (let offset = 0; offset < bytes.length; offset += partSize) {
    uploads.append({ uploadId, offset, base64: base64(bytes.subarray(offset, offset + partSize)) });
  }
  return uploadId;
}

describe('an upload', () => {
  it('comes back as it was sent, however it was cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), fc.integer({ min: 1, max: 3_000 }), (bytes, partSize) => {
        const { uploads } = holders();
        const file = uploads.take(send(uploads, bytes, partSize));
        expect(file.fileName).toBe('fills.csv');
        expect(Buffer.from(file.bytes).equals(Buffer.from(bytes))).toBe(true);
        uploads.close();
      }),
      { numRuns: 100 },
    );
  });

  it('takes the next part only, and says where that begins', () => {
    const { uploads } = holders();
    const { uploadId } = uploads.begin({ fileName: 'a.csv', size: 10 });
    expect(uploads.append({ uploadId, offset: 0, base64: base64(Buffer.from('abcd')) })).toEqual({ received: 4 });
    for (const offset of [0, 3, 5]) {
      const data = refusal(() => uploads.append({ uploadId, offset, base64: base64(Buffer.from('x')) }));
      expect(data).toMatchObject({ code: 'invalid-input', field: 'offset', value: String(offset) });
      expect(data.remedy).toContain('4');
    }
    expect(uploads.append({ uploadId, offset: 4, base64: base64(Buffer.from('efghij')) })).toEqual({ received: 10 });
    expect(Buffer.from(uploads.take(uploadId).bytes).toString()).toBe('abcdefghij');
  });

  it('is no larger than announced, and not taken while parts are missing', () => {
    const { uploads } = holders();
    const { uploadId } = uploads.begin({ fileName: 'a.csv', size: 3 });
    expect(refusal(() => uploads.take(uploadId))).toMatchObject({ code: 'refused' });
    expect(refusal(() => uploads.append({ uploadId, offset: 0, base64: base64(Buffer.from('abcd')) }))).toMatchObject({
      code: 'invalid-input',
      field: 'base64',
    });
    const large = base64(new Uint8Array(UPLOAD_PART_BYTES + 1));
    expect(refusal(() => uploads.append({ uploadId, offset: 0, base64: large }))).toMatchObject({ field: 'base64' });
    expect(refusal(() => uploads.append({ uploadId, offset: 0, base64: '' }))).toMatchObject({ field: 'base64' });
    expect(uploads.append({ uploadId, offset: 0, base64: base64(Buffer.from('abc')) })).toEqual({ received: 3 });
  });

  it('is one of at most four, and 128 MB together', () => {
    const { uploads } = holders();
    for (let i = 0; i < 4; i += 1) uploads.begin({ fileName: `${i}.csv`, size: 1 });
    expect(refusal(() => uploads.begin({ fileName: '5.csv', size: 1 }))).toMatchObject({ code: 'refused' });
    const { uploads: others } = holders();
    others.begin({ fileName: 'a.csv', size: 64 * MEBIBYTE });
    others.begin({ fileName: 'b.csv', size: 64 * MEBIBYTE });
    expect(refusal(() => others.begin({ fileName: 'c.csv', size: 1 }))).toMatchObject({ code: 'refused' });
  });

  it('makes room for another once it was used, the oldest first', () => {
    const { uploads, clock } = holders();
    const ids = [1, 2, 3, 4].map((n) => send(uploads, Buffer.from([n])));
    for (const id of [ids[1], ids[0]]) {
      clock.advanceTo(epochMs(clock.now() + 1000));
      uploads.take(id ?? '');
    }
    uploads.begin({ fileName: 'fifth.csv', size: 1 });
    expect(refusal(() => uploads.take(ids[1] ?? ''))).toMatchObject({ code: 'not-found', field: 'uploadId' });
    expect(uploads.take(ids[0] ?? '').bytes).toHaveLength(1);
  });

  it('expires ten minutes after it was last touched', () => {
    const { uploads, clock } = holders();
    const id = send(uploads, Buffer.from('abc'));
    clock.advanceTo(epochMs(START + TRANSFER_LIFE_MS - 1));
    expect(uploads.take(id).bytes).toHaveLength(3);
    clock.advanceTo(epochMs(START + 2 * TRANSFER_LIFE_MS - 2));
    expect(uploads.take(id).bytes).toHaveLength(3);
    clock.advanceTo(epochMs(START + 3 * TRANSFER_LIFE_MS));
    expect(refusal(() => uploads.take(id))).toMatchObject({ code: 'not-found', field: 'uploadId', value: id });
    expect(refusal(() => uploads.append({ uploadId: 'nope', offset: 0, base64: 'AA==' }))).toMatchObject({
      code: 'not-found',
    });
  });
});

describe('a download', () => {
  const source = (content: { bytes: Uint8Array } | { path: string }, size: number) => ({
    fileName: 'trades.csv',
    mediaType: 'text/csv',
    size,
    content,
  });

  function fetched(downloads: ReturnType<typeof holders>['downloads'], downloadId: string): Buffer {
    const parts: Buffer[] = [];
    for (let offset = 0, isLast = false; !isLast;) {
      const part = downloads.read({ downloadId, offset });
      parts.push(Buffer.from(part.base64, 'base64'));
      expect(parts.at(-1)?.length).toBeLessThanOrEqual(UPLOAD_PART_BYTES);
      ({ nextOffset: offset, isLast } = part);
    }
    return Buffer.concat(parts);
  }

  it('comes in parts, from memory and from a file', () => {
    const { downloads } = holders();
    const folder = temporaryFolder();
    for (const size of [0, 1, UPLOAD_PART_BYTES, UPLOAD_PART_BYTES + 1, 3 * UPLOAD_PART_BYTES]) {
      const bytes = Buffer.from(Array.from({ length: size }, (_, i) => i % 251));
      const path = join(folder, String(size));
      writeFileSync(path, bytes);
      for (const content of [{ bytes }, { path }]) {
        expect(fetched(downloads, downloads.add(source(content, size))).equals(bytes)).toBe(true);
      }
    }
  });

  it('may be read again, and not beyond its end', () => {
    const { downloads } = holders();
    const downloadId = downloads.add(source({ bytes: Buffer.from('abc') }, 3));
    expect(fetched(downloads, downloadId).toString()).toBe('abc');
    expect(fetched(downloads, downloadId).toString()).toBe('abc');
    expect(downloads.read({ downloadId, offset: 3 })).toEqual({ base64: '', nextOffset: 3, isLast: true });
    expect(refusal(() => downloads.read({ downloadId, offset: 4 }))).toMatchObject({ field: 'offset', value: '4' });
    expect(refusal(() => downloads.read({ downloadId: 'x', offset: 0 }))).toMatchObject({ code: 'not-found' });
  });

  it('is one of at most four unread, and its file goes with it', () => {
    const { downloads, clock } = holders();
    const folder = temporaryFolder();
    const paths = ['a', 'b', 'c', 'd', 'e'].map((name) => join(folder, name));
    const ids = paths.slice(0, 4).map((path) => {
      writeFileSync(path, 'abc');
      return downloads.add(source({ path }, 3));
    });
    expect(refusal(() => downloads.mustHaveRoom())).toMatchObject({ code: 'refused' });
    fetched(downloads, ids[2] ?? '');
    const last = paths[4] ?? '';
    writeFileSync(last, 'abc');
    downloads.add(source({ path: last }, 3));
    expect(paths.map((path) => existsSync(path))).toEqual([true, true, false, true, true]);
    clock.advanceTo(epochMs(START + TRANSFER_LIFE_MS));
    expect(paths.some((path) => existsSync(path))).toBe(false);
  });

  it('is refused when its file was cut short', () => {
    const { downloads } = holders();
    const path = join(temporaryFolder(), 'short');
    writeFileSync(path, 'ab');
    const downloadId = downloads.add(source({ path }, 3));
    expect(refusal(() => downloads.read({ downloadId, offset: 0 }))).toMatchObject({ code: 'refused' });
  });
});
