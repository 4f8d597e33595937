import type { Instrument } from '#shared/domain/instrument.ts';
import type { Quote } from '#shared/domain/market.ts';
import { epochMs, type EpochMs, type Ticks } from '#shared/units.ts';
import type { MarketTrade } from '#desk/ports/market-data.ts';
import { ticksOf } from './contracts.ts';

/** What TWS says the prices of a subscription are. */
export type PriceKind = 'live' | 'frozen' | 'delayed' | 'delayed-frozen';
const KINDS: readonly PriceKind[] = ['live', 'frozen', 'delayed', 'delayed-frozen'];

/** The kind of a market data type of IB (1 to 4); null for any other number. */
export const priceKindOf = (type: number): PriceKind | null => KINDS[type - 1] ?? null;

/** IB's delayed prices are this much late where it names no time. */
export const DELAY_MS = 15 * 60_000;

/** Fields of IB, live and delayed. @source protocols.md 2.2 */
const FIELDS = {
  bid: [1, 66],
  ask: [2, 67],
  last: [4, 68],
  volume: [8, 74],
  lastTime: [45, 88],
} as const;
type FieldName = keyof typeof FIELDS;

const nameOf = (field: number): FieldName | null => {
  for (const [name, [live, delayed]] of Object.entries(FIELDS)) {
    if (field === live || field === delayed) return name as FieldName;
  }
  return null;
};
const isDelayedField = (field: number): boolean => Object.values(FIELDS).some(([, delayed]) => delayed === field);

/** What one message made known. */
export type PriceNews = { readonly quote: Quote | null; readonly trade: MarketTrade | null };
const NOTHING: PriceNews = { quote: null, trade: null };

/** The prices of one instrument, put together from the single fields TWS tells. */
export interface PriceBoard {
  readonly price: (field: number, value: number, now: EpochMs) => PriceNews;
  readonly size: (field: number, value: number, now: EpochMs) => PriceNews;
  readonly text: (field: number, value: string) => void;
  readonly setKind: (kind: PriceKind) => void;
  readonly kind: () => PriceKind;
}

/**
 * Makes a board that knows nothing. A quote is told once bid, ask and last are known and not crossed: TWS tells them
 * one after the other. Live prices are as of their arrival, since TWS names no time for them; delayed and frozen ones
 * as of the trade they belong to, and so they are old, and size nothing.
 */
export function createPriceBoard(instrument: Instrument): PriceBoard {
  const known: Record<'bid' | 'ask' | 'last', Ticks | null> = { bid: null, ask: null, last: null };
  let kind: PriceKind = 'live';
  let lastTradeAt: EpochMs | null = null;
  let volume: number | null = null;
  let toldAt = 0;

  /** When the prices were true; null for frozen ones of which TWS does not say. */
  const asOf = (now: EpochMs): EpochMs | null => {
    if (kind === 'live') return now;
    const told = lastTradeAt ?? (kind === 'delayed' ? epochMs(now - DELAY_MS) : null);
    return told === null ? null : epochMs(Math.min(told, now));
  };
  const quote = (now: EpochMs): Quote | null => {
    const { bid, ask, last } = known;
    const at = asOf(now);
    if (bid === null || ask === null || last === null || ask < bid || at === null || at < toldAt) return null;
    toldAt = at;
    return { symbol: instrument.symbol, bid, ask, last, asOf: at, receivedAt: now };
  };
  const trade = (quantity: number, now: EpochMs): MarketTrade | null => {
    const at = asOf(now);
    if (known.last === null || at === null) return null;
    return { symbol: instrument.symbol, price: known.last, quantity, asOf: at, receivedAt: now };
  };

  return {
    price: (field, value, now) => {
      const name = nameOf(field);
      if (name !== 'bid' && name !== 'ask' && name !== 'last') return NOTHING;
      if (isDelayedField(field) && kind === 'live') kind = 'delayed';
      // −1, and 0 without a size, say that there is no such price now. A future may cost less than nothing, rarely.
      const price = value === -1 || value === 0 ? null : ticksOf(instrument, value);
      const isNews = known[name] !== price || name === 'last';
      known[name] = price;
      return isNews ? { quote: quote(now), trade: null } : NOTHING;
    },
    size: (field, value, now) => {
      if (nameOf(field) !== 'volume' || !Number.isFinite(value)) return NOTHING;
      // The volume of the day: what it grew by was traded. A new day begins it anew.
      const traded = volume === null ? 0 : value - volume;
      volume = value;
      return traded > 0 && Number.isInteger(traded) ? { quote: null, trade: trade(traded, now) } : NOTHING;
    },
    text: (field, value) => {
      const seconds = Number(value);
      if (nameOf(field) !== 'lastTime' || !Number.isInteger(seconds) || seconds <= 0) return;
      lastTradeAt = epochMs(seconds * 1_000);
    },
    setKind: (next) => {
      kind = next;
    },
    kind: () => kind,
  };
}
