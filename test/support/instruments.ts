import { instrumentSchema, type Instrument } from '#shared/domain/instrument.ts';
import { barSchema, type Bar } from '#shared/domain/market.ts';

/** NQ as the simulation trades it; fields can be replaced. */
export const nq = (changes: Partial<Instrument> = {}): Instrument =>
  instrumentSchema.parse({
    symbol: 'NQZ26-CME',
    root: 'NQ',
    name: 'E-mini Nasdaq-100',
    exchange: 'CME',
    group: 'equity',
    tickSize: 0.25,
    tickValue: 50_000,
    priceFormat: 'decimal',
    microRoot: 'MNQ',
    lastTradeDate: '2026-12-18',
    firstNoticeDate: null,
    calendar: 'always',
    initialMargin: null,
    roundTurnFee: 46_000,
    slippageTicks: 2,
    ...changes,
  });

/** A minute bar from open, high, low and close in ticks. */
export const minuteBar = (
  openAt: number,
  [open, high, low, close]: readonly [number, number, number, number],
  symbol = 'NQZ26-CME',
): Bar =>
  barSchema.parse({ symbol, timeframe: '1m', openAt, closeAt: openAt + 60_000, open, high, low, close, volume: 100 });
