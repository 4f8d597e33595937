import type { Migration } from './migration.ts';

/**
 * The first schema. Events are the truth; every other table but `bars` is derived from them in the same transaction
 * and can be rebuilt. A migration that has shipped is never edited.
 */
const SCHEMA = `
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT,
    body TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_kind ON events (kind, seq);

  CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
  BEGIN SELECT RAISE(ABORT, 'journal events are append-only'); END;
  CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
  BEGIN SELECT RAISE(ABORT, 'journal events are append-only'); END;
  CREATE TRIGGER events_are_linked BEFORE INSERT ON events
  WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
    OR NEW.prev_hash IS NOT coalesce((SELECT hash FROM events ORDER BY seq DESC LIMIT 1), '${'0'.repeat(64)}')
  BEGIN SELECT RAISE(ABORT, 'journal events are numbered and linked without gaps'); END;

  CREATE TABLE instruments (
    symbol TEXT PRIMARY KEY,
    seq INTEGER NOT NULL REFERENCES events (seq),
    root TEXT NOT NULL,
    tick_value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE decisions (
    seq INTEGER PRIMARY KEY REFERENCES events (seq),
    recommendation_id TEXT NOT NULL UNIQUE,
    status_seq INTEGER REFERENCES events (seq)
  ) STRICT;

  CREATE TABLE orders (
    seq INTEGER PRIMARY KEY REFERENCES events (seq),
    client_order_id TEXT NOT NULL UNIQUE,
    is_open INTEGER NOT NULL,
    recommendation_id TEXT,
    planned_risk_per_contract INTEGER,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX open_orders ON orders (seq) WHERE is_open = 1;

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
    UNIQUE (venue, account, exec_key)
  ) STRICT;
  CREATE INDEX fills_by_book ON fills (account, symbol, at, exec_key, venue);
  CREATE INDEX fills_by_order ON fills (client_order_id);
  CREATE INDEX fills_by_symbol ON fills (symbol, at);
  CREATE INDEX fills_by_time ON fills (at, exec_key, venue);

  CREATE TABLE lots (
    account TEXT NOT NULL,
    symbol TEXT NOT NULL,
    position INTEGER NOT NULL,
    exec_key TEXT NOT NULL,
    direction INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    price INTEGER NOT NULL,
    at INTEGER NOT NULL,
    fill_quantity INTEGER NOT NULL,
    fill_fee INTEGER NOT NULL,
    used INTEGER NOT NULL,
    recommendation_id TEXT,
    planned_risk_per_contract INTEGER,
    PRIMARY KEY (account, symbol, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE trades (
    id TEXT PRIMARY KEY,
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
    session_day TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX trades_by_exit ON trades (exit_at, entry_at, id);
  CREATE INDEX trades_by_symbol ON trades (symbol, exit_at);
  CREATE INDEX trades_by_root ON trades (root, exit_at);

  CREATE TABLE bars (
    symbol TEXT NOT NULL,
    timeframe TEXT NOT NULL,
    open_at INTEGER NOT NULL,
    close_at INTEGER NOT NULL,
    open INTEGER NOT NULL,
    high INTEGER NOT NULL,
    low INTEGER NOT NULL,
    close INTEGER NOT NULL,
    volume REAL NOT NULL,
    PRIMARY KEY (symbol, timeframe, open_at)
  ) STRICT, WITHOUT ROWID;
`;

export const migration0001: Migration = { version: 1, name: 'journal', up: (database) => database.exec(SCHEMA) };
