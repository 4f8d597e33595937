import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DISK_LIMITS, diskSpace, diskState } from '#desk/journal/disk-space.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

const MEBIBYTE = 1024 * 1024;

describe('the room on a disk', () => {
  it('is told below 500 MiB, and refuses orders below 100 MiB', () => {
    expect(DISK_LIMITS).toEqual({ warnBytes: 500 * MEBIBYTE, refuseBytes: 100 * MEBIBYTE });
    expect([500 * MEBIBYTE, 500 * MEBIBYTE - 1, 100 * MEBIBYTE, 100 * MEBIBYTE - 1, 0].map(diskState)).toEqual([
      'ok',
      'low',
      'low',
      'refuse',
      'refuse',
    ]);
  });

  it('is asked of the disk that a folder is or will be on', () => {
    const folder = temporaryFolder();
    const space = diskSpace(folder);
    if (!space.ok) throw new Error(space.error.detail);
    expect(space.value.freeBytes).toBeLessThanOrEqual(space.value.totalBytes);
    expect(space.value.state).toBe(diskState(space.value.freeBytes));
    const later = diskSpace(join(folder, 'not', 'yet'));
    expect(later).toMatchObject({ ok: true, value: { totalBytes: space.value.totalBytes } });
  });
});
