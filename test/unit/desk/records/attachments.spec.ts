import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attachmentPath } from '#shared/domain/annotation.ts';
import {
  copyAttachments,
  keepAttachment,
  MAX_ATTACHMENT_BYTES,
  pictureType,
  readAttachment,
} from '#desk/records/attachments.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('png')]);
const JPEG = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.from('jpeg')]);
const WEBP = Buffer.from('RIFF\x10\x00\x00\x00WEBPVP8 ', 'latin1');

function kept(folder: string, bytes: Buffer) {
  const result = keepAttachment(folder, bytes);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

describe('a picture', () => {
  it('is known by its first bytes', () => {
    expect([PNG, JPEG, WEBP].map(pictureType)).toEqual(['image/png', 'image/jpeg', 'image/webp']);
    const others = ['GIF89a', '<svg xmlns="http://www.w3.org/2000/svg">', 'RIFF....WAVE', '%PDF-1.7', '', '\x89PN'];
    for (const text of others) expect(pictureType(Buffer.from(text, 'latin1')), text).toBeNull();
  });

  it('is kept under its digest, for this user only, and comes back as it was', () => {
    const folder = temporaryFolder();
    const attachment = kept(folder, PNG);
    const sha256 = createHash('sha256').update(PNG).digest('hex');
    expect(attachment).toEqual({ sha256, mediaType: 'image/png', size: PNG.length });
    const path = join(folder, 'attachments', sha256.slice(0, 2), `${sha256}.png`);
    expect(readFileSync(path).equals(PNG)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const read = readAttachment(folder, attachment);
    expect(read.ok && Buffer.from(read.value).equals(PNG)).toBe(true);
    expect(readdirSync(join(folder, 'attachments', sha256.slice(0, 2)))).toHaveLength(1);
  });

  it('is kept once, and mended when its file was lost or changed', () => {
    const folder = temporaryFolder();
    const attachment = kept(folder, JPEG);
    const path = join(folder, attachmentPath(attachment));
    const { ino } = statSync(path);
    kept(folder, JPEG);
    expect(statSync(path).ino).toBe(ino);
    writeFileSync(path, 'something else');
    expect(readAttachment(folder, attachment)).toMatchObject({ ok: false, error: { code: 'changed', path } });
    rmSync(path);
    expect(readAttachment(folder, attachment)).toMatchObject({ ok: false, error: { code: 'missing', path } });
    kept(folder, JPEG);
    expect(readAttachment(folder, attachment).ok).toBe(true);
  });

  it('is refused when it is none, or too large', () => {
    const folder = temporaryFolder();
    expect(keepAttachment(folder, Buffer.from('text'))).toEqual({ ok: false, error: { code: 'not-a-picture' } });
    const large = Buffer.concat([PNG, Buffer.alloc(MAX_ATTACHMENT_BYTES)]);
    expect(keepAttachment(folder, large)).toMatchObject({
      ok: false,
      error: { code: 'too-large', size: large.length },
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('copying pictures', () => {
  it('brings over what is missing and names what is lost', () => {
    const [from, to] = [temporaryFolder(), temporaryFolder()];
    const [png, jpeg, webp] = [PNG, JPEG, WEBP].map((bytes) => kept(from, bytes));
    if (png === undefined || jpeg === undefined || webp === undefined) throw new Error('three were kept');
    kept(to, PNG);
    rmSync(join(from, attachmentPath(webp)));
    const copied = copyAttachments([png, jpeg, webp], { from, to });
    expect(copied).toMatchObject({ copied: 1, lost: [{ code: 'missing' }] });
    expect(readAttachment(to, jpeg).ok).toBe(true);
    expect(copyAttachments([png, jpeg], { from, to })).toEqual({ copied: 0, lost: [] });
  });
});
