/**
 * Columns of the derived tables, which the events make and a rebuild makes again. The first `keys` of them identify a
 * row and order the table.
 */
export const DERIVED_TABLES = {
  instruments: { keys: 1, columns: ['symbol', 'seq', 'root', 'tick_value'] },
  decisions: {
    keys: 1,
    columns: ['seq', 'recommendation_id', 'at', 'symbol', 'status', 'state', 'status_seq'],
  },
  orders: {
    keys: 1,
    columns: ['seq', 'client_order_id', 'is_open', 'recommendation_id', 'planned_risk_per_contract', 'body'],
  },
  fills: {
    keys: 1,
    columns: [
      'seq',
      'venue',
      'account',
      'exec_key',
      'client_order_id',
      'symbol',
      'direction',
      'quantity',
      'price',
      'fee',
      'at',
      'received_at',
      'version',
      'is_busted',
      'original_direction',
      'original_quantity',
      'original_price',
      'original_fee',
      'original_at',
      'is_imported',
    ],
  },
  corrections: { keys: 1, columns: ['seq', 'venue', 'account', 'exec_key', 'version', 'body'] },
  lots: {
    keys: 3,
    columns: [
      'account',
      'symbol',
      'position',
      'exec_key',
      'direction',
      'quantity',
      'price',
      'at',
      'fill_quantity',
      'fill_fee',
      'used',
      'recommendation_id',
      'planned_risk_per_contract',
    ],
  },
  trades: {
    keys: 1,
    columns: [
      'id',
      'account',
      'symbol',
      'root',
      'direction',
      'quantity',
      'entry_at',
      'exit_at',
      'entry_price',
      'exit_price',
      'gross',
      'fees',
      'net',
      'planned_risk',
      'r',
      'recommendation_id',
      'session_day',
      'is_imported',
      'outcome',
      'duration',
    ],
  },
  trade_days: {
    keys: 6,
    columns: [
      'is_imported',
      'session_day',
      'account',
      'symbol',
      'direction',
      'outcome',
      'root',
      'trades',
      'gross',
      'fees',
      'net',
      'best_net',
      'worst_net',
      'r_trades',
      'r_sum',
    ],
  },
  annotations: { keys: 2, columns: ['subject_kind', 'subject_id', 'seq', 'at', 'rating', 'body'] },
  labels: { keys: 4, columns: ['kind', 'label', 'subject_kind', 'subject_id'] },
  attachments: { keys: 1, columns: ['sha256', 'seq', 'media_type', 'size'] },
  texts: { keys: 2, columns: ['subject_kind', 'subject_id', 'at', 'labels', 'note', 'reason'] },
} as const;

export type DerivedTable = keyof typeof DERIVED_TABLES;
export const DERIVED_TABLE_NAMES: readonly DerivedTable[] = [
  'instruments',
  'decisions',
  'orders',
  'fills',
  'corrections',
  'lots',
  'trades',
  'trade_days',
  'annotations',
  'labels',
  'attachments',
  'texts',
];

/** A row as bound and as read: one value per column. */
export type DerivedRow = Readonly<Record<string, string | number | null>>;

/** SQL that inserts a full row by named parameters. */
export const insertSql = (table: DerivedTable): string => {
  const { columns } = DERIVED_TABLES[table];
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((c) => `@${c}`).join(', ')})`;
};

/** UTF-8 orders characters by their code point, UTF-16 puts those beyond 0xFFFF before some others. */
const codePointRank = (unit: number): number => (unit < 0xd800 ? unit : unit >= 0xe000 ? unit - 0x800 : unit + 0x2000);

/** The order of texts in the file: by their bytes. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

/** Orders rows as their table is read: by its keys, texts by their bytes. */
export function compareRows(table: DerivedTable): (a: DerivedRow, b: DerivedRow) => number {
  const { columns, keys } = DERIVED_TABLES[table];
  const ordering = columns.slice(0, keys);
  return (a, b) => {
    for (const column of ordering) {
      const [x, y] = [a[column], b[column]];
      const difference = typeof x === 'number' && typeof y === 'number' ? x - y : compareText(String(x), String(y));
      if (difference !== 0) return difference;
    }
    return 0;
  };
}
