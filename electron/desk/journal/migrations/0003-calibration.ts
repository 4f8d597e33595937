import type { Migration } from './migration.ts';

/**
 * Calibrators are accepted and declined as events of their own. No table changes; but a desk that does not know these
 * events would read a journal without the calibrator in force, so it must refuse to open it.
 */
export const migration0003: Migration = { version: 3, name: 'calibration', up: () => undefined };
