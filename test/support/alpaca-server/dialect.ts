import { generator } from '#test/support/random.ts';

/**
 * How other servers say the same, within what Alpaca documents or is known for: numbers as texts of any length or as
 * numbers, what has no value left out, null or empty, times in other spellings, statuses on the way to the one that
 * counts, updates that change nothing, fields and streams nobody has heard of. By a seed.
 */
export type Dialect = {
  readonly body: (value: unknown) => unknown;
  /** The frames an update comes in, each as bytes or as text. */
  readonly frames: (update: unknown) => readonly (string | Buffer)[];
  /** Lists come newest first, whatever was asked for. */
  readonly isNewestFirst: boolean;
};

type Fields = Readonly<Record<string, unknown>>;

const DECIMALS: ReadonlySet<string> = new Set([
  ...['qty', 'filled_qty', 'limit_price', 'stop_price', 'filled_avg_price', 'price', 'cum_qty', 'leaves_qty'],
  ...['avg_entry_price', 'equity', 'cash'],
]);
const TIMES = /_at$|^timestamp$|^transaction_time$/u;
/** What an order may be called while it is none of the ends, and has filled nothing. */
const ON_THE_WAY = ['accepted', 'pending_new', 'new'] as const;
/** What a partly filled order may be called besides. */
const NO_END = ['partially_filled', 'done_for_day', 'calculated', 'suspended', 'stopped'] as const;
/** Updates that change nothing of an order. */
const IDLE = ['calculated', 'suspended', 'done_for_day', 'restated', 'trade_reviewed'] as const;

export function createDialect(seed: number): Dialect {
  const random = generator(seed);
  const is = (chance = 0.5): boolean => random() < chance;
  const of = <T>(options: readonly [T, ...T[]]): T => options[Math.floor(random() * options.length)] ?? options[0];

  const time = (text: string): string => {
    const at = new Date(Date.parse(text.replace(/(\.\d{3})\d+/u, '$1'))).toISOString();
    return of([text, at, at.replace('Z', '000000Z'), at.replace('Z', '+00:00'), inNewYork(at)]);
  };
  const spelt = (key: string, value: unknown): unknown => {
    if (typeof value !== 'string') return written(value);
    if (DECIMALS.has(key)) return of<unknown>([value, Number(value), Number(value).toFixed(6)]);
    return TIMES.test(key) ? time(value) : value;
  };
  const status = ({ status: said, filled_qty: filled, order_class: kind }: Fields): unknown => {
    if (said === 'new' && filled === '0') return kind === 'bracket' ? said : of<unknown>([...ON_THE_WAY]);
    return said === 'partially_filled' ? of<unknown>([...NO_END]) : said;
  };
  const isOrder = (value: Fields): boolean => 'client_order_id' in value && 'status' in value;
  const object = (value: Fields): Fields => {
    const given: Fields = isOrder(value) ? { ...value, status: status(value) } : value;
    const entries = Object.entries(given).flatMap(([key, one]): [string, unknown][] => {
      // Nothing is said in three ways; of two names for one thing, one is enough.
      if (one === null || one === '') return is() ? [] : [[key, key === 'legs' ? of([null, []]) : of([null, one])]];
      if (key === 'order_type' && is()) return [];
      if (key === 'side' && 'avg_entry_price' in given && is()) return [];
      return [[key, spelt(key, one)]];
    });
    const unknown: [string, unknown][] = is(0.3) ? [[`field_${Math.floor(random() * 9)}`, { of: 'tomorrow' }]] : [];
    return Object.fromEntries(is() ? [...entries, ...unknown] : [...unknown, ...entries.reverse()]);
  };
  const written = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(written);
    return typeof value === 'object' && value !== null ? object(value as Fields) : value;
  };
  const frame = (message: unknown): string | Buffer => {
    const text = JSON.stringify(written(message));
    return is() ? text : Buffer.from(text);
  };
  /** What is told of an order before and after an update of it. */
  const around = (update: Fields): readonly unknown[] => {
    const { event, order } = update['data'] as { readonly event: string; readonly order: Fields };
    const told = (name: string, as: unknown): unknown => ({
      stream: 'trade_updates',
      data: { event: name, timestamp: order['updated_at'], order: { ...order, status: as } },
    });
    const before: Readonly<Record<string, readonly unknown[]>> = {
      new: [told('pending_new', 'pending_new'), told('accepted', 'accepted')],
      canceled: [told('pending_cancel', 'pending_cancel')],
      replaced: [told('pending_replace', 'pending_replace')],
    };
    const idle = is(0.3) ? [told(of([...IDLE]), order['status'])] : [];
    const strange = is(0.2)
      ? [
          { stream: 'account_updates', data: { cash: '1' } },
          { stream: 'heartbeat', data: null },
        ]
      : [];
    return [...strange, ...(is() ? (before[event] ?? []) : []), update, ...idle];
  };
  return {
    body: written,
    frames: (update) => around(update as Fields).map(frame),
    isNewestFirst: is(),
  };
}

/** The same moment with an offset. */
const inNewYork = (iso: string): string =>
  new Date(Date.parse(iso) - 5 * 3_600_000).toISOString().replace('Z', '-05:00');
