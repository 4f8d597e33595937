import type { Database } from './connection.ts';
import { type Insert, TOGETHER, rowInsert } from './statements.ts';

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

const valuesOf = (row: EventValues): EventValues => row;

/** Puts events into their table: one at a time, or many with one statement. */
export class EventRows {
  readonly #insert: Insert;
  readonly #waiting: EventValues[] = [];

  constructor(database: Database) {
    this.#insert = rowInsert(database, 'events', COLUMNS);
  }

  /** Adds the row that follows. It is in the table after `write` at the latest. */
  add(...row: EventValues): void {
    this.#waiting.push(row);
    if (this.#waiting.length === TOGETHER) this.write();
  }

  /** Writes the rows that wait. */
  write(): void {
    this.#insert(this.#waiting, valuesOf);
    this.forget();
  }

  /** Drops the rows that wait: what they belong to was rolled back. */
  forget(): void {
    this.#waiting.length = 0;
  }
}
