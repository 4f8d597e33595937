import type { Database } from './connection.ts';
import type { FillKey, FillRecord } from './corrections.ts';
import { DERIVED_TABLES, fillRow, isImported } from './derived-rows.ts';
import { indexesAside } from './indexes-aside.ts';
import { PairMap } from './pair-map.ts';
import { type Columns, type RowValue, rowInsert } from './statements.ts';

/** Every account once, in their order: the unique key is entered once per account at a venue, however many fills it has. */
export const ACCOUNTS = `WITH RECURSIVE venues (venue) AS (
  SELECT min(venue) FROM fills
  UNION ALL SELECT (SELECT min(f.venue) FROM fills f WHERE f.venue > venues.venue) FROM venues
  WHERE venues.venue IS NOT NULL
), found (venue, account) AS (
  SELECT venue, (SELECT min(f.account) FROM fills f WHERE f.venue = venues.venue) FROM venues WHERE venue IS NOT NULL
  UNION ALL SELECT venue, (SELECT min(f.account) FROM fills f WHERE f.venue = found.venue AND f.account > found.account)
  FROM found WHERE found.account IS NOT NULL
) SELECT DISTINCT account FROM found WHERE account IS NOT NULL ORDER BY account`;

/** A fill that nothing corrects counts as it came. What it has twice is bound once, and for all what they share. */
const PLAIN: Columns = [
  ...['seq', 'exec_key', 'client_order_id', 'symbol', 'direction', 'quantity', 'price', 'fee', 'at', 'received_at'],
  ...['venue', 'account', 'is_imported'].map((one) => [one, '?'] as const),
  ...['version', 'is_busted'].map((one) => [one, '0'] as const),
  ...['direction', 'quantity', 'price', 'fee', 'at'].map((one) => [`original_${one}`, one] as const),
];

const plainValues = ({ seq, fill }: FillRecord): readonly RowValue[] => [
  seq,
  fill.execKey,
  fill.clientOrderId,
  fill.symbol,
  fill.direction,
  fill.quantity,
  fill.price,
  fill.fee,
  fill.at,
  fill.receivedAt,
];

/** Whose fills have keys of their own: an account at a venue. */
type Source = {
  readonly venue: string;
  readonly account: string;
  /** Some of its fills are in the table. */
  isStored: boolean;
  /** Those that wait to be, and the keys of them. */
  waiting: FillRecord[];
  readonly claimed: Set<string>;
};

/** Rows of the table of fills. Those of one append are written together. */
export type FillRows = {
  /** Says whether a fill is new, which it is once: from then on it is known, and is to be added. */
  readonly claim: (key: FillKey) => boolean;
  /** Adds a fill that was claimed. */
  readonly add: (record: FillRecord) => void;
  /** Writes what was added. Until then it is not to be read from the table. */
  readonly write: () => void;
  /** What was added was rolled back, or the table replaced. */
  readonly forget: () => void;
};

export function createFillRows(database: Database): FillRows {
  const insertPlain = rowInsert(database, 'fills', PLAIN);
  const insert = rowInsert(database, 'fills', DERIVED_TABLES.fills.columns);
  const addRows = indexesAside(database, 'fills');
  const stored = database
    .prepare<[string, string, string], number>('SELECT 1 FROM fills WHERE venue = ? AND account = ? AND exec_key = ?')
    .pluck();
  const anyStored = database
    .prepare<[string, string], number>('SELECT 1 FROM fills WHERE venue = ? AND account = ? LIMIT 1')
    .pluck();
  /** By venue and account. Asked once: an account that is new to the journal has nothing in it that could be known. */
  const sources = new PairMap<Source>((venue, account) => ({
    ...{ venue, account, waiting: [], claimed: new Set() },
    isStored: anyStored.get(venue, account) !== undefined,
  }));
  const writeAll = ({ venue, account, waiting }: Source): void => {
    if (waiting.every(({ correction }) => correction === null)) {
      insertPlain(waiting, plainValues, [venue, account, isImported(account) ? 1 : 0]);
    } else insert(waiting, ({ seq, fill, correction }) => Object.values(fillRow(seq, fill, correction)));
  };
  let count = 0;
  return {
    claim: ({ venue, account, execKey }) => {
      const { claimed, isStored } = sources.of(venue, account);
      if (claimed.has(execKey) || (isStored && stored.get(venue, account, execKey) !== undefined)) return false;
      claimed.add(execKey);
      return true;
    },
    add: (record) => {
      sources.of(record.fill.venue, record.fill.account).waiting.push(record);
      count += 1;
    },
    write: () => {
      if (count === 0) return;
      const waiting = sources.all().filter((source) => source.waiting.length > 0);
      addRows(count, () => waiting.forEach(writeAll));
      count = 0;
      for (const source of waiting) {
        source.isStored = true;
        source.waiting = [];
        source.claimed.clear();
      }
    },
    forget: () => {
      sources.clear();
      count = 0;
    },
  };
}
