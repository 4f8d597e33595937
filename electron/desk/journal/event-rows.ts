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
  /** Values of the rows that wait, one row behind the other, and of some that were written. */
  readonly #values: EventValues[number][] = [];
  /** How many values wait. */
  #waiting = 0;

  constructor(database: Database) {
    this.#database = database;
    this.#one = insertOf(database, 1);
  }

  /** Adds the row that follows. It is in the table after `write` at the latest. */
  add(...row: EventValues): void {
    const at = this.#waiting;
    for (let i = 0; i < WIDTH; i += 1) this.#values[at + i] = row[i] as EventValues[number];
    this.#waiting += WIDTH;
    if (this.#waiting < TOGETHER * WIDTH) return;
    this.#many ??= insertOf(this.#database, TOGETHER);
    this.#many.run(this.#values);
    this.#waiting = 0;
  }

  /** Writes the rows that wait. */
  write(): void {
    for (let i = 0; i < this.#waiting; i += WIDTH) this.#one.run(this.#values.slice(i, i + WIDTH));
    this.#waiting = 0;
  }

  /** Drops the rows that wait: what they belong to was rolled back. */
  forget(): void {
    this.#waiting = 0;
  }
}
