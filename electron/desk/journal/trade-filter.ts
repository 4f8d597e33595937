import type { TradeQuery, TradeSort } from '#shared/contract/journal-views.ts';
import { sessionDay } from '#shared/session-day.ts';
import type { TradeFilter } from '#desk/ports/journal.ts';
import { isImported } from './derived-rows.ts';
import type { DerivedRow } from './derived-tables.ts';
import { SUBJECTS_OF_TEXT } from './note-queries.ts';
import { type Conditions, whereOf } from './statements.ts';
import { searchQuery } from './texts.ts';

type Part = readonly [sql: string, values: DerivedRow];

const conditionsOf = (parts: readonly Part[]): Conditions => ({
  parts: parts.map(([sql]) => sql),
  values: Object.assign({}, ...parts.map(([, values]) => values)) as DerivedRow,
});

/** What a filter asks of the trades themselves, and what it asks of the words written on them. */
export type TradeConditions = {
  /** Values of `is_imported` to read one after the other, each by its own part of an index; null: both, unread. */
  readonly origins: readonly (0 | 1)[] | null;
  /** Hold for a trade and for the sums of a day alike. */
  readonly daily: readonly string[];
  /** Lists of the ids of trades that something was written on. They are short, so the first leads to the trades. */
  readonly written: readonly string[];
  /** What the outcome means for the net P&L and for R, where trades are read in such an order; null: any outcome. */
  readonly range: (typeof OUTCOME_RANGES)[keyof typeof OUTCOME_RANGES] | null;
  readonly values: DerivedRow;
};

const OUTCOMES = { win: 1, loss: -1, flat: 0 } as const;
/** In the order of net P&L an outcome is one stretch, and in that of R, which has its sign: the same sort of stretch. */
const OUTCOME_RANGES = { win: '> 0', loss: '< 0', flat: '= 0' } as const;

/**
 * Own trades unless said otherwise; an account that is named says it. The list of a contract is one of own trades and one
 * of imported ones, and leads to the trades that an account has in it.
 */
function originsOf({ origin, account, symbol }: TradeQuery): readonly (0 | 1)[] | null {
  if (origin === 'own') return [0];
  if (origin === 'imported') return [1];
  if (account === undefined) return origin === undefined ? [0] : [0, 1];
  if (symbol === undefined) return null;
  return [isImported(account) ? 1 : 0];
}

const labelled = (kind: string): string =>
  `SELECT subject_id FROM labels WHERE kind = '${kind}' AND label = @${kind} AND subject_kind = 'trade'`;

const RATED = `SELECT subject_id FROM annotations
  WHERE subject_kind = 'trade' AND rating IS NOT NULL AND rating >= @minRating`;

/** Reads a filter. Null when nothing can match: its text has no word in it. */
export function tradeConditions(filter: TradeQuery): TradeConditions | null {
  const { account, symbol, root, direction, outcome, fromDay, toDay, tag, setup, mistake, minRating, text } = filter;
  const daily: Part[] = [];
  if (account !== undefined) daily.push(['account = @account', { account }]);
  if (symbol !== undefined) daily.push(['symbol = @symbol', { symbol }]);
  if (root !== undefined) daily.push(['root = @root', { root }]);
  if (direction !== undefined) daily.push(['direction = @direction', { direction }]);
  if (outcome !== undefined) daily.push(['outcome = @outcome', { outcome: OUTCOMES[outcome] }]);
  if (fromDay !== undefined) daily.push(['session_day >= @fromDay', { fromDay }]);
  if (toDay !== undefined) daily.push(['session_day <= @toDay', { toDay }]);
  const written: Part[] = [];
  if (tag !== undefined) written.push([labelled('tag'), { tag }]);
  if (setup !== undefined) written.push([labelled('setup'), { setup }]);
  if (mistake !== undefined) written.push([labelled('mistake'), { mistake }]);
  const query = text === undefined || text === '' ? undefined : searchQuery(text);
  if (query === null) return null;
  if (query !== undefined) written.push([SUBJECTS_OF_TEXT, { query, subjectKind: 'trade' }]);
  if (minRating !== undefined) written.push([RATED, { minRating }]);
  return {
    origins: originsOf(filter),
    daily: conditionsOf(daily).parts,
    written: conditionsOf(written).parts,
    range: outcome === undefined ? null : OUTCOME_RANGES[outcome],
    values: conditionsOf([...daily, ...written]).values,
  };
}

/** The origin as a condition, for queries that do not read the two one after the other. */
export const originCondition = (origins: TradeConditions['origins']): readonly string[] =>
  origins === null ? [] : [`is_imported IN (${origins.join(', ')})`];

/** FROM and WHERE of single trades, under more conditions than those of the filter. */
export function tradesFrom({ daily, written }: TradeConditions, more: readonly string[]): string {
  const [first, ...others] = written;
  const parts = [...more, ...daily, ...others.map((list) => `trades.id IN (${list})`)];
  // A cross join is read from left to right: SQLite would not know that the list is the shorter.
  const from = first === undefined ? 'trades' : `(${first}) w CROSS JOIN trades ON trades.id = w.subject_id`;
  return `FROM ${from} ${whereOf(parts)}`;
}

/**
 * Columns a list is sorted by: those of an index, so that nothing is left to be sorted. A session day never begins
 * before an earlier one ends, so it may lead the exit.
 */
const SORTS: Readonly<Record<TradeSort['by'], readonly string[]>> = {
  exit: ['session_day', 'exit_at', 'entry_at', 'direction', 'outcome'],
  entry: ['entry_at', 'exit_at'],
  symbol: ['symbol', 'session_day', 'exit_at', 'entry_at', 'direction', 'outcome'],
  quantity: ['quantity', 'exit_at'],
  net: ['net', 'exit_at'],
  r: ['r', 'exit_at'],
  duration: ['duration', 'exit_at'],
};

/**
 * How a page is found. 'walk': in the order of the list, past the trades the filter leaves out. 'gather': all trades the
 * filter lets through, and then the first of them. 'plain': as SQLite thinks best.
 */
export type KeyWay = 'walk' | 'gather' | 'plain';

export type KeyOrder = { readonly sort: TradeSort; readonly isBackwards: boolean; readonly way: KeyWay };

/**
 * Chooses the way to a page. SQLite does not know how many trades a filter lets through, the desk does: a walk passes
 * about all/total trades for each it takes. Entries follow one another as sessions do, and symbols as roots: to walk to one
 * far off is to pass everything.
 */
export function wayTo(
  { daily, written }: TradeConditions,
  sort: TradeSort,
  { end, total, all }: { readonly end: number; readonly total: number; readonly all: number },
): KeyWay {
  const isNarrowed = daily.length > 0 && written.length === 0;
  const narrows = (column: string): boolean => daily.some((part) => part.startsWith(column));
  if (!isNarrowed || sort.by === 'exit' || (sort.by === 'symbol' && narrows('symbol'))) return 'plain';
  const isFarOff = (sort.by === 'entry' && narrows('session_day')) || (sort.by === 'symbol' && narrows('root'));
  return isFarOff || total * total <= end * all ? 'gather' : 'walk';
}

/** Trades without R come last, however it is sorted; read backwards they come first. */
function orderTerms({ sort, isBackwards }: KeyOrder): string {
  const direction = sort.isDescending === isBackwards ? 'ASC' : 'DESC';
  const nulls = sort.by === 'r' ? ` NULLS ${isBackwards ? 'FIRST' : 'LAST'}` : '';
  const columns = SORTS[sort.by].map((_, i) => `${i + 2} ${direction}${i === 0 ? nulls : ''}`);
  return [...columns, `1 ${direction}`].join(', ');
}

/** What an outcome means for the column that leads the order, each a stretch of its index. */
function stretches({ range }: TradeConditions, { by }: TradeSort): readonly (readonly string[])[] {
  if (range === null || (by !== 'net' && by !== 'r')) return [[]];
  return by === 'net' ? [[`net ${range}`]] : [[`r ${range}`], ['r IS NULL']];
}

/** Every second or third trade meets one of these. */
const isWide = (part: string): boolean => part.startsWith('outcome') || part.startsWith('direction');

/** Marks conditions that no index is to be looked up by, so that another leads. */
function led(daily: readonly string[], way: KeyWay): readonly string[] {
  if (way === 'plain' || (way === 'gather' && daily.every(isWide))) return daily;
  return daily.map((part) => (way === 'walk' || isWide(part) ? `+${part}` : part));
}

/**
 * SQL of the keys of a page, without the rows: an index holds all it reads. Own and imported trades are two stretches
 * of each index, which are merged.
 */
export function keysSql(conditions: TradeConditions, order: KeyOrder): string {
  const { origins, written } = conditions;
  const { sort, way } = order;
  const columns = ['trades.rowid AS k', ...SORTS[sort.by]].join(', ');
  // What is found by a short list is looked up and sorted, whatever the origin.
  const merged = written.length > 0 ? null : way === 'walk' ? (origins ?? [0, 1]) : origins;
  const arms = merged === null ? [originCondition(origins)] : merged.map((one) => [`is_imported = ${one}`]);
  const asked = { ...conditions, daily: led(conditions.daily, way) };
  const ranges = way === 'gather' ? [[]] : stretches(conditions, sort);
  const selects = arms.flatMap((origin) =>
    ranges.map((range) => `SELECT ${columns} ${tradesFrom(asked, [...origin, ...range])}`),
  );
  const found = selects.join(' UNION ALL ');
  const page = `ORDER BY ${orderTerms(order)} LIMIT @limit OFFSET @offset`;
  // A subquery with a limit is not taken apart, so that no index of the order leads; nor is it written down first.
  return way === 'gather' ? `SELECT * FROM (${found} LIMIT -1) ${page}` : `${found} ${page}`;
}

/** Conditions of the narrow filter that the desk itself reads trades by. Own trades unless it says otherwise. */
export function exitConditions(filter: TradeFilter): Conditions & { readonly origins: readonly (0 | 1)[] } {
  const { origin, symbol, roots, exitFrom, exitBefore } = filter;
  const parts: Part[] = [];
  if (symbol !== undefined) parts.push(['symbol = @symbol', { symbol }]);
  if (roots !== undefined) {
    parts.push(['root IN (SELECT value FROM json_each(@roots))', { roots: JSON.stringify(roots) }]);
  }
  // The day of an exit bounds the exit, and leads every index.
  if (exitFrom !== undefined) {
    parts.push(['session_day >= @dayFrom AND exit_at >= @exitFrom', { exitFrom, dayFrom: sessionDay(exitFrom) }]);
  }
  if (exitBefore !== undefined) {
    parts.push([
      'session_day <= @dayBefore AND exit_at < @exitBefore',
      { exitBefore, dayBefore: sessionDay(exitBefore) },
    ]);
  }
  const origins = origin === 'all' ? ([0, 1] as const) : origin === 'imported' ? ([1] as const) : ([0] as const);
  return { ...conditionsOf(parts), origins };
}
