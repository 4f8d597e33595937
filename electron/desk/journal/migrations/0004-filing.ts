import type { Migration } from './migration.ts';

/**
 * What is written on every decision is one row of each table: the lists that decisions are found through are filed for
 * many of them at once (decision-filing.ts), and the index of events by kind leaves decisions out, which their own
 * table has. The rows stay as they are; those that were there are filed.
 */
const SCHEMA = `
  DROP INDEX events_by_kind;
  CREATE INDEX events_by_kind ON events (kind, seq) WHERE kind <> 'decision';

  ALTER TABLE decisions RENAME TO decisions_before;
  CREATE TABLE decisions (
    seq INTEGER PRIMARY KEY REFERENCES events (seq),
    recommendation_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    symbol TEXT NOT NULL,
    status TEXT NOT NULL,
    state TEXT NOT NULL,
    status_seq INTEGER REFERENCES events (seq),
    is_filed INTEGER NOT NULL DEFAULT 1
  ) STRICT;
  INSERT INTO decisions (seq, recommendation_id, at, symbol, status, state, status_seq)
    SELECT seq, recommendation_id, at, symbol, status, state, status_seq FROM decisions_before;
  DROP TABLE decisions_before;
  CREATE UNIQUE INDEX decisions_by_id ON decisions (recommendation_id) WHERE is_filed = 1;
  CREATE INDEX decisions_by_time ON decisions (at) WHERE is_filed = 1;
  CREATE INDEX decisions_by_symbol ON decisions (symbol, at) WHERE is_filed = 1;
  CREATE INDEX decisions_by_state ON decisions (state, at) WHERE is_filed = 1;
  CREATE INDEX decisions_by_status ON decisions (status, at) WHERE is_filed = 1;
`;

export const migration0004: Migration = { version: 4, name: 'filing', up: (database) => database.exec(SCHEMA) };
