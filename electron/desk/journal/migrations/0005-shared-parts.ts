import type { Migration } from './migration.ts';

/**
 * Decisions name parts that an earlier one holds (event-record.ts). No table changes, and no event that is there; the
 * number tells an older desk, which would not understand the new ones, to leave the file alone.
 */
export const migration0005: Migration = { version: 5, name: 'shared parts', up: () => undefined };
