import type { Migration } from './migration.ts';

/**
 * The index of events by kind leaves fills out as it leaves decisions out: their own table has them all, by the same
 * number. Fills of no order, as all that are imported are, are not in the index by order. No row changes.
 */
const SCHEMA = `
  DROP INDEX events_by_kind;
  CREATE INDEX events_by_kind ON events (kind, seq) WHERE kind <> 'decision' AND kind <> 'fill';
  DROP INDEX fills_by_order;
  CREATE INDEX fills_by_order ON fills (client_order_id) WHERE client_order_id IS NOT NULL;
`;

export const migration0006: Migration = { version: 6, name: 'fills apart', up: (database) => database.exec(SCHEMA) };
