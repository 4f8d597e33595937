import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { scratchRoot } from '../scratch.ts';

/**
 * Makes a folder that is removed when the test ends, in memory where there is enough: for runs that die by a crash of
 * the process, never of the machine, and so need no disk under them.
 */
export function memoryFolder(): string {
  const folder = mkdtempSync(join(scratchRoot(), 'kelly-desk-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
