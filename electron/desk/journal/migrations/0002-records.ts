import type { Migration } from './migration.ts';

/**
 * Corrected fills, what the trader wrote, pictures, and tables shaped for long lists: trades by every column they are
 * sorted by, sums per day, decisions by what they are filtered by, words for search. All of it is derived: the tables
 * come empty and are filled from the events in the same transaction.
 */
const SCHEMA = `
  DROP TABLE decisions;
  CREATE TABLE decisions (
    seq INTEGER PRIMARY KEY REFERENCES events (seq),
    recommendation_id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    symbol TEXT NOT NULL,
    status TEXT NOT NULL,
    state TEXT NOT NULL,
    status_seq INTEGER REFERENCES events (seq)
  ) STRICT;
  CREATE INDEX decisions_by_time ON decisions (at);
  CREATE INDEX decisions_by_symbol ON decisions (symbol, at);
  CREATE INDEX decisions_by_state ON decisions (state, at);
  CREATE INDEX decisions_by_status ON decisions (status, at);

  DROP TABLE fills;
  CREATE TABLE fills (
    seq INTEGER PRIMARY KEY REFERENCES events (seq),
    venue TEXT NOT NULL,
    account TEXT NOT NULL,
    exec_key TEXT NOT NULL,
    client_order_id TEXT,
    symbol TEXT NOT NULL,
    direction INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    price INTEGER NOT NULL,
    fee INTEGER NOT NULL,
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    is_busted INTEGER NOT NULL,
    original_direction INTEGER NOT NULL,
    original_quantity INTEGER NOT NULL,
    original_price INTEGER NOT NULL,
    original_fee INTEGER NOT NULL,
    original_at INTEGER NOT NULL,
    is_imported INTEGER NOT NULL CHECK (is_imported = (substr(account, 1, 9) = 'imported:')),
    UNIQUE (venue, account, exec_key)
  ) STRICT;
  CREATE INDEX fills_by_book ON fills (account, symbol, at, exec_key, venue) WHERE is_busted = 0;
  CREATE INDEX fills_by_account ON fills (account);
  CREATE INDEX fills_by_order ON fills (client_order_id);
  CREATE INDEX fills_by_symbol ON fills (symbol, at) WHERE is_busted = 0;
  CREATE INDEX fills_by_time ON fills (is_imported, at, exec_key, venue) WHERE is_busted = 0;

  CREATE TABLE corrections (
    seq INTEGER PRIMARY KEY REFERENCES events (seq),
    venue TEXT NOT NULL,
    account TEXT NOT NULL,
    exec_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX corrections_by_fill ON corrections (venue, account, exec_key, version);

  DROP TABLE trades;
  CREATE TABLE trades (
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    symbol TEXT NOT NULL,
    root TEXT NOT NULL,
    direction INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    entry_at INTEGER NOT NULL,
    exit_at INTEGER NOT NULL,
    entry_price INTEGER NOT NULL,
    exit_price INTEGER NOT NULL,
    gross INTEGER NOT NULL,
    fees INTEGER NOT NULL,
    net INTEGER NOT NULL,
    planned_risk INTEGER,
    r REAL,
    recommendation_id TEXT,
    session_day TEXT NOT NULL,
    is_imported INTEGER NOT NULL CHECK (is_imported = (substr(account, 1, 9) = 'imported:')),
    outcome INTEGER NOT NULL CHECK (outcome = sign(net)),
    duration INTEGER NOT NULL CHECK (duration = exit_at - entry_at)
  ) STRICT;
  CREATE INDEX trades_by_book ON trades (account, symbol);
  CREATE INDEX trades_by_exit ON trades (is_imported, session_day, exit_at, entry_at, direction, outcome);
  CREATE INDEX trades_by_entry ON trades (is_imported, entry_at, exit_at);
  CREATE INDEX trades_by_symbol ON trades (is_imported, symbol, session_day, exit_at, entry_at, direction, outcome);
  CREATE INDEX trades_by_root ON trades (is_imported, root, session_day, exit_at, entry_at, direction, outcome);
  CREATE INDEX trades_by_outcome ON trades (is_imported, outcome, session_day, exit_at, entry_at, direction);
  CREATE INDEX trades_by_account ON trades (account, session_day, exit_at, entry_at, direction, outcome);
  CREATE INDEX trades_by_quantity ON trades (is_imported, quantity, exit_at);
  CREATE INDEX trades_by_net ON trades (is_imported, net, exit_at);
  CREATE INDEX trades_by_r ON trades (is_imported, r, exit_at);
  CREATE INDEX trades_by_duration ON trades (is_imported, duration, exit_at);

  CREATE TABLE trade_days (
    is_imported INTEGER NOT NULL CHECK (is_imported = (substr(account, 1, 9) = 'imported:')),
    session_day TEXT NOT NULL,
    account TEXT NOT NULL,
    symbol TEXT NOT NULL,
    direction INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    root TEXT NOT NULL,
    trades INTEGER NOT NULL,
    gross INTEGER NOT NULL,
    fees INTEGER NOT NULL,
    net INTEGER NOT NULL,
    best_net INTEGER NOT NULL,
    worst_net INTEGER NOT NULL,
    r_trades INTEGER NOT NULL,
    r_sum REAL NOT NULL,
    PRIMARY KEY (is_imported, session_day, account, symbol, direction, outcome)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX trade_days_by_book ON trade_days (account, symbol);

  CREATE TABLE annotations (
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    seq INTEGER NOT NULL REFERENCES events (seq),
    at INTEGER NOT NULL,
    rating INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (subject_kind, subject_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX annotations_by_rating ON annotations (subject_kind, rating) WHERE rating IS NOT NULL;

  CREATE TABLE labels (
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    PRIMARY KEY (kind, label, subject_kind, subject_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX labels_by_subject ON labels (subject_kind, subject_id);

  CREATE TABLE attachments (
    sha256 TEXT PRIMARY KEY,
    seq INTEGER NOT NULL REFERENCES events (seq),
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE texts (
    doc INTEGER PRIMARY KEY,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    labels TEXT NOT NULL,
    note TEXT NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (subject_kind, subject_id)
  ) STRICT;
  CREATE VIRTUAL TABLE texts_search USING fts5 (
    labels, note, reason, content = 'texts', content_rowid = 'doc', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
  );
  CREATE VIRTUAL TABLE texts_words USING fts5vocab (texts_search, instance);
  CREATE TRIGGER texts_added AFTER INSERT ON texts BEGIN
    INSERT INTO texts_search (rowid, labels, note, reason) VALUES (NEW.doc, NEW.labels, NEW.note, NEW.reason);
  END;
  CREATE TRIGGER texts_removed AFTER DELETE ON texts BEGIN
    INSERT INTO texts_search (texts_search, rowid, labels, note, reason)
    VALUES ('delete', OLD.doc, OLD.labels, OLD.note, OLD.reason);
  END;
  CREATE TRIGGER texts_changed AFTER UPDATE ON texts BEGIN
    INSERT INTO texts_search (texts_search, rowid, labels, note, reason)
    VALUES ('delete', OLD.doc, OLD.labels, OLD.note, OLD.reason);
    INSERT INTO texts_search (rowid, labels, note, reason) VALUES (NEW.doc, NEW.labels, NEW.note, NEW.reason);
  END;
`;

export const migration0002: Migration = {
  version: 2,
  name: 'records',
  isDerivedAgain: true,
  up: (database) => database.exec(SCHEMA),
};
