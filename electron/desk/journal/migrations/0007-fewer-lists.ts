import type { Migration } from './migration.ts';

/**
 * Lists that another one does for. Accounts are found by the unique key of fills, fills of one contract account by
 * account, and the trades of a book among those of its contract. Fills of one moment are put in order when they are
 * read. The link of an event is looked at together with its number. No row changes.
 */
const SCHEMA = `
  DROP INDEX fills_by_account;
  DROP INDEX fills_by_symbol;
  DROP INDEX fills_by_book;
  CREATE INDEX fills_by_book ON fills (account, symbol, at) WHERE is_busted = 0;
  DROP INDEX trades_by_book;

  DROP TRIGGER events_are_linked;
  CREATE TRIGGER events_are_linked BEFORE INSERT ON events
  WHEN (SELECT NEW.seq IS NOT seq + 1 OR NEW.prev_hash IS NOT hash FROM events ORDER BY seq DESC LIMIT 1) IS NOT 0
    AND (NEW.seq IS NOT 1 OR NEW.prev_hash IS NOT '${'0'.repeat(64)}' OR EXISTS (SELECT 1 FROM events))
  BEGIN SELECT RAISE(ABORT, 'journal events are numbered and linked without gaps'); END;
`;

export const migration0007: Migration = { version: 7, name: 'fewer lists', up: (database) => database.exec(SCHEMA) };
