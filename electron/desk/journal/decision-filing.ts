import type { Database } from './connection.ts';
import { type DerivedRow, DERIVED_TABLES } from './derived-tables.ts';
import { prepareNamed } from './statements.ts';

/**
 * Five lists lead to decisions, and a page of each in every transaction would cost more than the decision itself. So
 * a new decision is a row of its table alone, not filed; when there are many such rows all are filed at once, in the
 * transaction of the decision that makes them too many. Rows that are not filed are the newest, and few: whoever looks
 * for decisions looks into the lists, and through these rows.
 */

/** Rows that wait to be filed at most. */
const UNFILED_KEPT = 256;

/** Condition of the rows that are in the lists; the lists are only used under it. */
export const FILED = 'is_filed = 1';

/** Condition of the rows after the last that is filed, found by going back over them. */
export const UNFILED = `seq > coalesce((SELECT last.seq FROM decisions last NOT INDEXED WHERE last.is_filed = 1 ORDER BY last.seq DESC LIMIT 1), 0)`;

/** SQL of one decision by its id. */
export const DECISION_BY_ID = `SELECT seq, status_seq FROM decisions WHERE ${FILED} AND recommendation_id = @id
  UNION ALL SELECT seq, status_seq FROM decisions WHERE ${UNFILED} AND recommendation_id = @id`;

/** Rows that cannot be found through any list; 0 in a sound journal. */
export const LOST = `SELECT count(*) AS n FROM decisions WHERE is_filed <> 1 AND NOT (${UNFILED})`;

/** Keeps the rows of decisions. */
export type DecisionFiling = {
  /** Adds the row of a decision; false, and nothing is added, when there is one under its id. */
  readonly add: (row: DerivedRow) => boolean;
  /** Says what became of a decision; false when there is none under the id. */
  readonly close: (id: string, state: string, seq: number) => boolean;
  /** What was added may have been rolled back, or all of it replaced. */
  readonly forget: () => void;
};

export function createDecisionFiling(database: Database): DecisionFiling {
  const rows = (sql: string) => prepareNamed(database, sql);
  const { columns } = DERIVED_TABLES.decisions;
  const insert = database.prepare(
    `INSERT INTO decisions (${columns.join(', ')}, is_filed) VALUES (${columns.map(() => '?').join(', ')}, 0)`,
  );
  const filed = database
    .prepare<[string], number>(`SELECT seq FROM decisions WHERE ${FILED} AND recommendation_id = ?`)
    .pluck();
  const unfiled = rows(`SELECT seq, recommendation_id FROM decisions WHERE ${UNFILED}`);
  const file = rows(`UPDATE decisions SET is_filed = 1 WHERE ${UNFILED}`);
  const update = rows('UPDATE decisions SET status_seq = @seq, state = @state WHERE seq = @decision');
  /** The rows that are not filed, by their ids; null: to be read again. */
  let known: Map<string, number> | null = null;
  const waiting = (): Map<string, number> =>
    (known ??= new Map(unfiled.all({}).map((row) => [String(row['recommendation_id']), Number(row['seq'])])));
  const seqOf = (id: string): number | null => waiting().get(id) ?? filed.get(id) ?? null;
  return {
    add: (row) => {
      const id = String(row['recommendation_id']);
      if (seqOf(id) !== null) return false;
      // Bound by their places: names would be looked up in every row, for every column.
      insert.run(...columns.map((column) => row[column]));
      waiting().set(id, Number(row['seq']));
      if (waiting().size <= UNFILED_KEPT) return true;
      file.run({});
      waiting().clear();
      return true;
    },
    close: (id, state, seq) => {
      const decision = seqOf(id);
      if (decision !== null) update.run({ seq, state, decision });
      return decision !== null;
    },
    forget: () => {
      known = null;
    },
  };
}
