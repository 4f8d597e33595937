import { deskClient } from '#renderer/src/api/client.ts';
import { MAX_UPLOAD_BYTES, UPLOAD_PART_BYTES } from '#shared/contract/journal-operations.ts';
import type { InputOf, OutputOf } from '#shared/contract/index.ts';

/** Bytes handed over so far, of all of them. */
export type Progress = { readonly done: number; readonly total: number };

type Watch = { readonly onProgress?: (progress: Progress) => void; readonly signal?: AbortSignal };

/** Characters turned at once: more arguments than this a function does not take everywhere. */
const CHUNK = 32_768;

/** Bytes as base64. */
export function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

/** Base64 as bytes. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Why a file cannot be handed over at all; null when it can. */
export function fileRefusal({ name, size }: Pick<File, 'name' | 'size'>): string | null {
  const most = MAX_UPLOAD_BYTES / 1024 / 1024;
  if (size === 0) return `${name} is empty.`;
  return size > MAX_UPLOAD_BYTES ? `${name} is larger than ${most} MB, the most the desk takes at once.` : null;
}

/**
 * Hands a file to the desk in parts and returns the id of the upload.
 * Rejects with the desk's error, or with the signal's reason when it was given up; nothing is sent again by itself.
 */
export async function uploadFile(file: File, { onProgress, signal }: Watch = {}): Promise<string> {
  const refusal = fileRefusal(file);
  if (refusal !== null) throw new Error(refusal);
  const { uploadId } = await deskClient().call('upload.begin', {
    fileName: file.name.slice(-200),
    size: file.size,
  });
  for (let offset = 0; offset < file.size; offset += UPLOAD_PART_BYTES) {
    signal?.throwIfAborted();
    const part = new Uint8Array(await file.slice(offset, offset + UPLOAD_PART_BYTES).arrayBuffer());
    const { received } = await deskClient().call('upload.append', { uploadId, offset, base64: base64Of(part) });
    onProgress?.({ done: received, total: file.size });
  }
  signal?.throwIfAborted();
  return uploadId;
}

export type Download = { readonly blob: Blob; readonly fileName: string };

/** Reads a file the desk has prepared, part by part. Rejects as `uploadFile` does. */
export async function readDownload(
  { downloadId, fileName, mediaType, size }: OutputOf<'download.begin'>,
  { onProgress, signal }: Watch = {},
): Promise<Download> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  let part: OutputOf<'download.read'>;
  do {
    signal?.throwIfAborted();
    part = await deskClient().call('download.read', { downloadId, offset });
    if (!part.isLast && part.nextOffset <= offset) throw new Error('The desk sent the same part of the export twice.');
    parts.push(bytesOf(part.base64));
    offset = part.nextOffset;
    onProgress?.({ done: offset, total: size });
  } while (!part.isLast);
  signal?.throwIfAborted();
  return { blob: new Blob(parts, { type: mediaType }), fileName };
}

/** Has the desk prepare an export and reads it. */
export const downloadFile = async (request: InputOf<'download.begin'>, watch: Watch = {}): Promise<Download> =>
  readDownload(await deskClient().call('download.begin', request), watch);
