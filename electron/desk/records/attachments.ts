import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Attachment, attachmentPath } from '#shared/domain/annotation.ts';
import { type Result, err, ok } from '#shared/result.ts';
import { makeFolder, syncFolder } from '#desk/journal/folders.ts';
import type { Journal } from '#desk/ports/journal.ts';

export const MAX_ATTACHMENT_BYTES = 8 * 1024 * 1024;

export type AttachmentError =
  | { readonly code: 'not-a-picture' }
  | { readonly code: 'too-large'; readonly size: number; readonly limit: number }
  | { readonly code: 'missing'; readonly path: string }
  | { readonly code: 'changed'; readonly path: string; readonly sha256: string };

const isAt = (bytes: Uint8Array, offset: number, wanted: readonly number[]): boolean =>
  wanted.every((byte, i) => bytes[offset + i] === byte);
const ascii = (text: string): readonly number[] => [...Buffer.from(text, 'latin1')];

/** The kind of a picture by its first bytes, whatever its name says; null when it is none of ours. */
export function pictureType(bytes: Uint8Array): Attachment['mediaType'] | null {
  if (isAt(bytes, 0, [0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a])) return 'image/png';
  if (isAt(bytes, 0, [0xff, 0xd8, 0xff])) return 'image/jpeg';
  return isAt(bytes, 0, ascii('RIFF')) && isAt(bytes, 8, ascii('WEBP')) ? 'image/webp' : null;
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Writes a file so that, whatever happens, it is there whole or not at all. Throws what the system throws. */
function writeWhole(path: string, bytes: Uint8Array): void {
  makeFolder(dirname(path));
  const partial = `${path}.${process.pid}.partial`;
  try {
    const descriptor = openSync(partial, 'w', 0o600);
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
  syncFolder(dirname(path));
}

/**
 * Keeps a picture below the folder of its journal, named by its content: the same picture is kept once. It is on disk
 * when this returns; the caller journals it.
 * @errors 'not-a-picture' (png, jpeg and webp are), 'too-large' above 8 MB. Throws what the file system throws.
 */
export function keepAttachment(folder: string, bytes: Uint8Array): Result<Attachment, AttachmentError> {
  if (bytes.length > MAX_ATTACHMENT_BYTES) {
    return err({ code: 'too-large', size: bytes.length, limit: MAX_ATTACHMENT_BYTES });
  }
  const mediaType = pictureType(bytes);
  if (mediaType === null) return err({ code: 'not-a-picture' });
  const attachment = { sha256: sha256Of(bytes), mediaType, size: bytes.length };
  if (!readAttachment(folder, attachment).ok) writeWhole(join(folder, attachmentPath(attachment)), bytes);
  return ok(attachment);
}

/**
 * Reads a picture back and checks that it is still the one that was kept.
 * @errors 'missing', 'changed'
 */
export function readAttachment(folder: string, attachment: Attachment): Result<Uint8Array, AttachmentError> {
  const path = join(folder, attachmentPath(attachment));
  if (!existsSync(path)) return err({ code: 'missing', path });
  const bytes = readFileSync(path);
  const isSame = bytes.length === attachment.size && sha256Of(bytes) === attachment.sha256;
  return isSame ? ok(bytes) : err({ code: 'changed', path, sha256: attachment.sha256 });
}

/** The pictures a journal has recorded. */
export const attachmentsOf = (journal: Pick<Journal, 'events'>): readonly Attachment[] =>
  [...journal.events({ kinds: ['attachment'] })].map(({ event }) => event.attachment);

export type CopiedAttachments = {
  readonly copied: number;
  /** Those that are not in `from`, or are not what they were: the rest was copied all the same. */
  readonly lost: readonly AttachmentError[];
};

/** Copies the pictures of a journal to another folder, each checked; those already there are left as they are. */
export function copyAttachments(
  attachments: Iterable<Attachment>,
  folders: { readonly from: string; readonly to: string },
): CopiedAttachments {
  const lost: AttachmentError[] = [];
  let copied = 0;
  for (const attachment of attachments) {
    if (readAttachment(folders.to, attachment).ok) continue;
    const read = readAttachment(folders.from, attachment);
    if (read.ok) {
      writeWhole(join(folders.to, attachmentPath(attachment)), read.value);
      copied += 1;
    } else lost.push(read.error);
  }
  return { copied, lost };
}
