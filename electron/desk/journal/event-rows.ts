import type { Database } from './connection.ts';

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

const COLUMNS = 'seq, at, kind, subject, body, prev_hash, hash';
const PLACES = '(?, ?, ?, ?, ?, ?, ?)';
/** Rows that one statement takes: to begin one costs as much as a row. */
const TOGETHER = 64;

const insertOf = (database: Database, rows: number) =>
  database.prepare(`INSERT INTO events (${COLUMNS}) VALUES ${Array(rows).fill(PLACES).join(', ')}`);

/** Puts events into their table: one at a time, or many with one statement. */
export class EventRows {
  readonly #database: Database;
  readonly #one;
  /** Made when it is needed: most appends are of a few events. */
  #many: ReturnType<typeof insertOf> | null = null;
  #waiting: EventValues[] = [];

  constructor(database: Database) {
    this.#database = database;
    this.#one = insertOf(database, 1);
  }

  /** Adds the row that follows. It is in the table after `write` at the latest. */
  add(row: EventValues): void {
    this.#waiting.push(row);
    if (this.#waiting.length < TOGETHER) return;
    this.#many ??= insertOf(this.#database, TOGETHER);
    this.#many.run(this.#waiting.flat());
    this.#waiting = [];
  }

  /** Writes the rows that wait. */
  write(): void {
    if (this.#waiting.length === 0) return;
    for (const row of this.#waiting) this.#one.run(...row);
    this.#waiting = [];
  }

  /** Drops the rows that wait: what they belong to was rolled back. */
  forget(): void {
    this.#waiting = [];
  }
}
