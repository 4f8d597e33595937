import type { DecisionQuery } from '#shared/contract/journal-views.ts';
import type { StoredEvent } from '#desk/ports/events.ts';
import type { Journal } from '#desk/ports/journal.ts';
import { DECISION_BY_ID, FILED, UNFILED } from './decision-filing.ts';
import type { DerivedRow } from './derived-tables.ts';
import { EVENT_COLUMNS, type EventRow, indexedKinds, ofKind } from './event-codec.ts';
import type { EventReader } from './event-reader.ts';
import { SUBJECTS_OF_TEXT } from './note-queries.ts';
import { type AtOnce, type Conditions, type Prepare, sliceOf, whereOf } from './statements.ts';
import { searchQuery } from './texts.ts';

export type DecisionReads = Pick<
  Journal,
  'decisions' | 'decisionsUnresolved' | 'decisionSymbol' | 'decisionCount' | 'decision' | 'decisionPage'
>;

/** SQL of a page of all decisions, newest first, without those that have an outcome: one comes after its decision. */
export const UNRESOLVED = `WITH page AS (SELECT seq, recommendation_id FROM decisions ORDER BY seq DESC LIMIT @limit OFFSET @offset)
  SELECT ${EVENT_COLUMNS} FROM page CROSS JOIN events e ON e.seq = page.seq
  WHERE page.recommendation_id NOT IN (SELECT o.subject FROM events o WHERE o.kind = 'outcome' AND ${indexedKinds('o')}
    AND o.seq > (SELECT min(seq) FROM page))
  ORDER BY page.seq DESC`;

/** SQL of the symbol of one decision by its id. */
export const SYMBOL_BY_ID = DECISION_BY_ID.replaceAll('seq, status_seq', 'symbol');

/** The WHERE clause of a filter. Null when nothing can match: the text has no word in it. */
export function decisionConditions(filter: DecisionQuery): Conditions | null {
  const { symbol, state, status, from, to, text } = filter;
  const query = text === undefined || text === '' ? undefined : searchQuery(text);
  if (query === null) return null;
  const parts: (readonly [sql: string, values: DerivedRow])[] = [];
  if (symbol !== undefined) parts.push(['symbol = @symbol', { symbol }]);
  if (state !== undefined) parts.push(['state = @state', { state }]);
  if (status !== undefined) parts.push(['status = @status', { status }]);
  if (from !== undefined) parts.push(['at >= @from', { from }]);
  if (to !== undefined) parts.push(['at < @to', { to }]);
  if (query !== undefined) {
    parts.push([`recommendation_id IN (${SUBJECTS_OF_TEXT})`, { query, subjectKind: 'recommendation' }]);
  }
  return {
    parts: parts.map(([sql]) => sql),
    values: Object.assign({}, ...parts.map(([, values]) => values)) as DerivedRow,
  };
}

/** SQL of a page of decisions and of their number, newest first. */
export const decisionSql = (parts: readonly string[], isBackwards: boolean) => ({
  count: `SELECT ${[FILED, UNFILED].map((rows) => `(SELECT count(*) FROM decisions ${whereOf([rows, ...parts])})`).join(' + ')} AS n`,
  page: `${[FILED, UNFILED].map((rows) => `SELECT seq, status_seq, at FROM decisions ${whereOf([rows, ...parts])}`).join(' UNION ALL ')}
    ORDER BY ${isBackwards ? 'at, seq' : 'at DESC, seq DESC'} LIMIT @limit OFFSET @offset`,
});

export function decisionReads(prepare: Prepare, atOnce: AtOnce, { read }: EventReader): DecisionReads {
  const load = (seq: number): StoredEvent => {
    const row = prepare(`SELECT ${EVENT_COLUMNS} FROM events e WHERE e.seq = @seq`).get({ seq });
    if (row === undefined) throw new Error(`event ${seq} is indexed and not in the journal`);
    return read(row as EventRow);
  };
  const entry = (row: DerivedRow) => ({
    decision: ofKind(load(Number(row['seq'])), ['decision']),
    status: row['status_seq'] === null ? null : ofKind(load(Number(row['status_seq'])), ['recommendation']),
  });
  const pageOf: DecisionReads['decisionPage'] = ({ filter, limit, offset }) => {
    const conditions = decisionConditions(filter);
    if (conditions === null) return { total: 0, rows: [] };
    const { parts, values } = conditions;
    const total = Number(prepare(decisionSql(parts, false).count).get(values)?.['n']);
    const slice = sliceOf(total, { limit, offset });
    if (slice === null) return { total, rows: [] };
    const { isBackwards, ...bounds } = slice;
    const rows = prepare(decisionSql(parts, isBackwards).page).all({ ...values, ...bounds });
    return { total, rows: (isBackwards ? rows.reverse() : rows).map(entry) };
  };
  return {
    decisions: (page) =>
      prepare('SELECT seq, status_seq FROM decisions ORDER BY seq DESC LIMIT @limit OFFSET @offset')
        .all(page)
        .map(entry),
    decisionsUnresolved: (page) =>
      prepare(UNRESOLVED)
        .all(page)
        .map((row) => ofKind(read(row as EventRow), ['decision'])),
    decisionSymbol: (id) => {
      const symbol = prepare(SYMBOL_BY_ID).get({ id })?.['symbol'];
      return typeof symbol === 'string' ? symbol : null;
    },
    decisionCount: () => Number(prepare('SELECT count(*) AS n FROM decisions').get({})?.['n']),
    decision: (id) => {
      const row = prepare(DECISION_BY_ID).get({ id });
      return row === undefined ? null : entry(row);
    },
    decisionPage: (page) => atOnce(() => pageOf(page)),
  };
}
