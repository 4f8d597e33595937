import type { Order, OrderEvent, OrderLife } from './order.ts';

/** What the desk must do beside folding the event. */
export type LifeEffect =
  /** Nothing was sent, and nothing is sent. */
  | 'nothing-sent'
  /** The query loop asks the venue; nothing is ever sent again. */
  | 'query'
  /** Counts as exposure until it is known. */
  | 'exposure'
  /** A notice is journaled and only risk-reducing orders leave from then on. */
  | 'anomaly'
  /** The execution is dropped by its key. */
  | 'dropped'
  /** Kept in the journal, changes nothing. */
  | 'ignored'
  /** The venue's count is compared with the fills and never booked. */
  | 'count-check'
  /** Listed as another's order: it can be cancelled by the trader and is never counted as ours. */
  | 'external';

type State = {
  readonly life: OrderLife | null;
  readonly pending?: Order['pending']['kind'];
  readonly certainty?: Order['certainty']['kind'];
};

/** One row of the transition table: from a state, on an event, to a state and an effect. */
export type LifeRow = {
  readonly row: number;
  readonly from: readonly OrderLife[] | null;
  readonly pending?: Order['pending']['kind'];
  readonly certainty?: Order['certainty']['kind'];
  readonly on: OrderEvent['kind'] | 'intent' | 'fill' | 'known-fill' | 'conflicting-fill' | 'unknown-order';
  /** Of the quantity ordered, what the execution brings the sum to. Only for executions. */
  readonly reaches?: 'part' | 'all' | 'beyond';
  /** `life` null: it stays what it was. */
  readonly to: State;
  readonly effects: readonly LifeEffect[];
};

const OPEN: readonly OrderLife[] = ['sent', 'acked', 'working'];
const ENDED: readonly OrderLife[] = ['denied', 'canceled', 'expired', 'rejected'];
const ANY: readonly OrderLife[] = ['created', ...OPEN, 'filled', ...ENDED];
const known = { certainty: 'known' } as const;
const settled = { pending: 'none', certainty: 'known' } as const;

/**
 * The life of an order, row by row. The fold (`applyOrderEvent`, `applyFill`) does the states, the desk's execution the
 * effects; a test runs every row through both.
 */
export const ORDER_LIFE_TABLE: readonly LifeRow[] = [
  { row: 1, from: null, on: 'intent', to: { life: 'created', ...settled }, effects: [] },
  { row: 2, from: ['created'], on: 'denied', to: { life: 'denied' }, effects: ['nothing-sent'] },
  { row: 3, from: ['created'], on: 'send-attempt', to: { life: 'sent' }, effects: [] },
  { row: 4, from: ['sent'], on: 'denied', to: { life: 'denied' }, effects: ['nothing-sent'] },
  { row: 5, from: ['sent'], on: 'acknowledged', to: { life: 'acked', ...known }, effects: [] },
  { row: 5, from: ['sent', 'acked'], on: 'working', to: { life: 'working', ...known }, effects: [] },
  { row: 6, from: ['sent'], on: 'rejected', to: { life: 'rejected', ...settled }, effects: [] },
  {
    row: 7,
    from: OPEN,
    on: 'in-doubt',
    to: { life: null, certainty: 'in-doubt' },
    effects: ['query', 'exposure'],
  },
  { row: 8, from: ['sent'], certainty: 'in-doubt', on: 'working', to: { life: 'working', ...known }, effects: [] },
  { row: 8, from: OPEN, certainty: 'in-doubt', on: 'canceled', to: { life: 'canceled', ...settled }, effects: [] },
  { row: 8, from: OPEN, certainty: 'in-doubt', on: 'expired', to: { life: 'expired', ...settled }, effects: [] },
  { row: 9, from: ['sent'], certainty: 'in-doubt', on: 'rejected', to: { life: 'rejected', ...settled }, effects: [] },
  {
    row: 10,
    from: OPEN,
    certainty: 'in-doubt',
    on: 'in-doubt',
    to: { life: null, certainty: 'in-doubt' },
    effects: ['exposure'],
  },
  { row: 11, from: OPEN, on: 'fill', reaches: 'part', to: { life: 'working', ...known }, effects: [] },
  { row: 11, from: OPEN, on: 'fill', reaches: 'all', to: { life: 'filled', ...settled }, effects: [] },
  { row: 12, from: ENDED, on: 'fill', reaches: 'part', to: { life: null }, effects: ['anomaly'] },
  { row: 12, from: ENDED, on: 'fill', reaches: 'all', to: { life: 'filled' }, effects: ['anomaly'] },
  { row: 13, from: ANY, on: 'known-fill', to: { life: null }, effects: ['dropped'] },
  { row: 14, from: ANY, on: 'conflicting-fill', to: { life: null }, effects: ['dropped', 'anomaly'] },
  { row: 15, from: [...OPEN, 'filled'], on: 'fill', reaches: 'beyond', to: { life: 'filled' }, effects: ['anomaly'] },
  { row: 16, from: ['acked', 'working'], on: 'cancel-requested', to: { life: null, pending: 'cancel' }, effects: [] },
  {
    row: 16,
    from: ['working'],
    pending: 'cancel',
    on: 'in-doubt',
    to: { life: 'working', pending: 'cancel', certainty: 'in-doubt' },
    effects: ['query'],
  },
  { row: 17, from: OPEN, pending: 'cancel', on: 'canceled', to: { life: 'canceled', ...settled }, effects: [] },
  {
    row: 18,
    from: ['acked', 'working'],
    pending: 'cancel',
    on: 'cancel-refused',
    to: { life: null, pending: 'none' },
    effects: ['query'],
  },
  {
    row: 19,
    from: ['acked', 'working'],
    on: 'in-doubt',
    to: { life: null, certainty: 'in-doubt' },
    effects: ['query', 'exposure'],
  },
  { row: 20, from: OPEN, pending: 'replace', on: 'replaced', to: { life: null, ...settled }, effects: [] },
  { row: 21, from: OPEN, pending: 'replace', on: 'replace-refused', to: { life: null, pending: 'none' }, effects: [] },
  { row: 22, from: ['acked', 'working'], on: 'canceled', to: { life: 'canceled', ...settled }, effects: [] },
  { row: 22, from: ['acked', 'working'], on: 'expired', to: { life: 'expired', ...settled }, effects: [] },
  { row: 23, from: ['filled', ...ENDED], on: 'working', to: { life: null }, effects: ['ignored'] },
  { row: 23, from: ['filled', ...ENDED], on: 'canceled', to: { life: null }, effects: ['ignored'] },
  { row: 23, from: ['filled', ...ENDED], on: 'rejected', to: { life: null }, effects: ['ignored'] },
  { row: 24, from: OPEN, on: 'restated', to: { life: 'working', ...known }, effects: ['count-check'] },
  { row: 25, from: null, on: 'unknown-order', to: { life: null }, effects: ['external'] },
];
