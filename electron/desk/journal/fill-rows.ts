import type { Database } from './connection.ts';
import type { FillKey, FillRecord } from './corrections.ts';
import { fillRow, isImported } from './derived-rows.ts';
import { indexesAside } from './indexes-aside.ts';
import { PairMap } from './pair-map.ts';
import { type Columns, type RowValue, rowInsert } from './statements.ts';

/** A fill that nothing corrects counts as it came: what it has twice is bound once. */
const PLAIN: Columns = [
  ...['seq', 'venue', 'account', 'exec_key', 'client_order_id', 'symbol'],
  ...['direction', 'quantity', 'price', 'fee', 'at', 'received_at', 'is_imported'],
  ...['version', 'is_busted'].map((one) => [one, '0'] as const),
  ...['direction', 'quantity', 'price', 'fee', 'at'].map((one) => [`original_${one}`, one] as const),
];

const plainValues = ({ seq, fill }: FillRecord): readonly RowValue[] => [
  seq,
  fill.venue,
  fill.account,
  fill.execKey,
  fill.clientOrderId,
  fill.symbol,
  fill.direction,
  fill.quantity,
  fill.price,
  fill.fee,
  fill.at,
  fill.receivedAt,
  isImported(fill.account) ? 1 : 0,
];

/** Whose fills have keys of their own: an account at a venue. */
type Source = {
  /** Some of its fills are in the table. */
  isStored: boolean;
  /** Keys of those that wait to be. */
  readonly waiting: Set<string>;
};

/** Rows of the table of fills. Those of one append are written together. */
export type FillRows = {
  /** Says whether a fill is known, written or not. */
  readonly has: (key: FillKey) => boolean;
  /** Adds a fill that is not known. */
  readonly add: (record: FillRecord) => void;
  /** Writes what was added. Until then it is not to be read from the table. */
  readonly write: () => void;
  /** What was added was rolled back, or the table replaced. */
  readonly forget: () => void;
};

export function createFillRows(database: Database): FillRows {
  const insertPlain = rowInsert(database, 'fills', { columns: PLAIN });
  const insert = rowInsert(database, 'fills');
  const addRows = indexesAside(database, 'fills');
  const stored = database
    .prepare<[string, string, string], number>('SELECT 1 FROM fills WHERE venue = ? AND account = ? AND exec_key = ?')
    .pluck();
  const anyStored = database
    .prepare<[string, string], number>('SELECT 1 FROM fills WHERE venue = ? AND account = ? LIMIT 1')
    .pluck();
  /** By venue and account. Asked once: an account that is new to the journal has nothing in it that could be known. */
  const sources = new PairMap<Source>((venue, account) => ({
    isStored: anyStored.get(venue, account) !== undefined,
    waiting: new Set(),
  }));
  let waiting: FillRecord[] = [];
  return {
    has: (key) => {
      const source = sources.of(key.venue, key.account);
      if (source.waiting.has(key.execKey)) return true;
      return source.isStored && stored.get(key.venue, key.account, key.execKey) !== undefined;
    },
    add: (record) => {
      const { venue, account, execKey } = record.fill;
      sources.of(venue, account).waiting.add(execKey);
      waiting.push(record);
    },
    write: () => {
      if (waiting.length === 0) return;
      addRows(waiting.length, () => {
        if (waiting.every(({ correction }) => correction === null)) insertPlain(waiting, plainValues);
        else insert(waiting, ({ seq, fill, correction }) => Object.values(fillRow(seq, fill, correction)));
      });
      waiting = [];
      for (const source of sources.all()) {
        source.isStored ||= source.waiting.size > 0;
        source.waiting.clear();
      }
    },
    forget: () => {
      sources.clear();
      waiting = [];
    },
  };
}
