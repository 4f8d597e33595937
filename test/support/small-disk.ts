import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Mounts a small disk in memory; null, with the reason on stderr, where that is not allowed. */
export function smallDisk(mebibytes: number): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'kelly-desk-full-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    rmSync(folder, { recursive: true });
    process.stderr.write(`tests on a full disk are skipped: ${String(error)}\n`);
    return null;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Changes how a mounted disk is: its size (`size=8m`), or that it can only be read (`ro`). */
export const remount = (folder: string, how: string): void =>
  void execFileSync('mount', ['-o', `remount,${how}`, folder], { stdio: 'pipe' });

/**
 * Makes files and folders such that nothing can be written to them, not even by root or by who has them open: what a
 * disk does that the system has turned read-only after a fault. They are free again when the test ends, or when what is
 * returned is called. Null, with the reason on stderr, where that is not allowed.
 */
export function freeze(paths: readonly string[]): (() => void) | null {
  const there = paths.filter((path) => existsSync(path));
  const set = (flag: '+i' | '-i'): void => void execFileSync('chattr', [flag, ...there], { stdio: 'pipe' });
  const thaw = (): void => set('-i');
  try {
    set('+i');
  } catch (error) {
    process.stderr.write(`tests on a disk turned read-only are skipped: ${String(error)}\n`);
    return null;
  }
  onTestFinished(thaw);
  return thaw;
}
