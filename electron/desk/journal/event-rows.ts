import type { Database } from './connection.ts';
import { rowsSql } from './statements.ts';

/** A row of `events`, in the order of its columns. */
export type EventValues = readonly [
  seq: number,
  at: number,
  kind: string,
  subject: string | null,
  body: string,
  prevHash: string,
  hash: string,
];

const COLUMNS = ['seq', 'at', 'kind', 'subject', 'body', 'prev_hash', 'hash'] as const;
const WIDTH = COLUMNS.length;
/** Rows that one statement takes: to begin one costs as much as a row. */
const TOGETHER = 64;

const insertOf = (database: Database, rows: number) => database.prepare(rowsSql('events', COLUMNS, rows));

/** Puts events into their table: one at a time, or many with one statement. */
export class EventRows {
  readonly #database: Database;
  readonly #one;
  /** Made when it is needed: most appends are of a few events. */
  #many: ReturnType<typeof insertOf> | null = null;
  /** Values of the rows that wait, one row behind the other. */
  #waiting: EventValues[number][] = [];

  constructor(database: Database) {
    this.#database = database;
    this.#one = insertOf(database, 1);
  }

  /** Adds the row that follows. It is in the table after `write` at the latest. */
  add(...[seq, at, kind, subject, body, prevHash, hash]: EventValues): void {
    this.#waiting.push(seq, at, kind, subject, body, prevHash, hash);
    if (this.#waiting.length < TOGETHER * WIDTH) return;
    this.#many ??= insertOf(this.#database, TOGETHER);
    this.#many.run(this.#waiting);
    this.#waiting = [];
  }

  /** Writes the rows that wait. */
  write(): void {
    const values = this.#waiting;
    if (values.length === WIDTH) this.#one.run(values);
    else for (let i = 0; i < values.length; i += WIDTH) this.#one.run(values.slice(i, i + WIDTH));
    this.#waiting = [];
  }

  /** Drops the rows that wait: what they belong to was rolled back. */
  forget(): void {
    this.#waiting = [];
  }
}
