import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { DeskError } from '#shared/contract/errors.ts';

/** Bits of a file's mode that let group or others in. */
const OTHERS = 0o077;

const fileSchema = z.strictObject({
  schema: z.literal(1),
  /** What the values are encrypted with; null where they stand as they are. */
  backend: z.string().nullable(),
  secrets: z.record(z.string(), z.string()),
});
export type SecretFile = z.output<typeof fileSchema>;

const refused = (path: string, message: string, remedy: string): DeskError =>
  new DeskError({ code: 'refused', message, field: 'secrets', value: path, remedy });

/**
 * Reads a file of secrets; null when there is none. Throws DeskError 'refused' when group or others may read it, or it
 * is not what this desk writes. Its content is never repeated.
 */
export function readSecretFile(path: string): SecretFile | null {
  let mode: number;
  try {
    mode = statSync(path).mode;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw refused(path, 'the file of secrets cannot be read', 'make it readable for its owner alone');
  }
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
    const shown = (mode & 0o777).toString(8);
    throw refused(
      path,
      `the file of secrets has mode ${shown}: others can read it`,
      `chmod 600 ${path}, and change the secrets`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw refused(path, 'the file of secrets is not JSON', 'move it away and set the secrets again');
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success)
    throw refused(
      path,
      'the file of secrets is not in the form of this desk',
      'move it away and set the secrets again',
    );
  return parsed.data;
}

/** Writes a file whole or not at all, for its owner alone: beside it, to disk, and in its place in one step. */
export function writeOwnerFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${process.pid}.new`;
  const file = openSync(beside, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(beside, 0o600);
  renameSync(beside, path);
  // The new name must survive a power cut as well. Windows keeps no handle on folders.
  if (process.platform === 'win32') return;
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Writes a file of secrets, 0600. */
export const writeSecretFile = (path: string, file: SecretFile): void =>
  writeOwnerFile(path, `${JSON.stringify(file, null, 2)}\n`);
