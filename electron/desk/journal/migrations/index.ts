import { migration0001 } from './0001-journal.ts';
import { migration0002 } from './0002-records.ts';
import { migration0003 } from './0003-calibration.ts';
import { migration0004 } from './0004-filing.ts';
import { migration0005 } from './0005-shared-parts.ts';
import { migration0006 } from './0006-fills-apart.ts';
import { migration0007 } from './0007-fewer-lists.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

/** Every step, oldest first, numbered 1, 2, 3 … */
export const MIGRATIONS: readonly Migration[] = [
  migration0001,
  migration0002,
  migration0003,
  migration0004,
  migration0005,
  migration0006,
  migration0007,
];
