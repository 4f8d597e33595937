import type { Bar } from '#shared/domain/market.ts';
import { epochMs } from '#shared/units.ts';
import type { HistoryRequest } from '#desk/ports/market-data.ts';
import type { Listed } from './listing.ts';
import { barsSchema, latestTradesSchema, type WireBar } from './market-wire.ts';
import { ticksNear } from './price-board.ts';
import type { Rest } from './rest.ts';
import { timeOf } from './wire.ts';

const LENGTH_MS = { '1m': 60_000, '1d': 86_400_000 } as const;
const NAMES = { '1m': '1Min', '1d': '1Day' } as const;
const BARS_A_PAGE = 10_000;
const MOST_PAGES = 500;

const pathOf = ({ isCrypto }: Listed): string => (isCrypto ? '/v1beta3/crypto/us' : '/v2/stocks');

/** A bar in ticks; null for one that is no bar, or not of the request. Alpaca stamps bars with their start. */
export function barOf(wire: WireBar, request: HistoryRequest, { tickSize, symbol }: Listed): Bar | null {
  const openAt = timeOf(wire.t);
  const [open, close] = [ticksNear(wire.o, tickSize, 'near'), ticksNear(wire.c, tickSize, 'near')];
  const [high, low] = [ticksNear(wire.h, tickSize, 'near'), ticksNear(wire.l, tickSize, 'near')];
  if (openAt === null || open === null || close === null || high === null || low === null || high < low) return null;
  const { timeframe, from, to } = request;
  const closeAt = openAt + LENGTH_MS[timeframe];
  if (openAt < from || closeAt > to) return null;
  return {
    ...{ symbol, timeframe, openAt: epochMs(openAt), closeAt: epochMs(closeAt), open, high, low, close },
    volume: wire.v,
  };
}

export type BarsParts = { readonly rest: Rest; readonly feed: string; readonly listed: Listed; readonly now: number };

/** Bars of the past, page by page, oldest first. Rejects with a sentence when a page cannot be had. */
export async function fetchBars(
  request: HistoryRequest,
  { rest, feed, listed, now }: BarsParts,
  signal: AbortSignal,
): Promise<readonly Bar[]> {
  const bars = new Map<number, Bar>();
  const within = { ...request, to: epochMs(Math.min(request.to, now)) };
  let token: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    signal.throwIfAborted();
    const query = new URLSearchParams({
      ...{ symbols: listed.venueSymbol, timeframe: NAMES[request.timeframe], limit: String(BARS_A_PAGE) },
      ...{ start: new Date(request.from).toISOString(), end: new Date(within.to).toISOString(), sort: 'asc' },
      ...(listed.isCrypto ? {} : { feed, adjustment: 'raw' }),
    });
    if (token !== null) query.set('page_token', token);
    const answer = await rest.get(`${pathOf(listed)}/bars?${query.toString()}`, barsSchema);
    if (!answer.ok) throw new Error(answer.error.why);
    for (const wire of answer.value.bars[listed.venueSymbol] ?? []) {
      const bar = barOf(wire, within, listed);
      if (bar !== null) bars.set(bar.openAt, bar);
    }
    token = answer.value.next_page_token ?? null;
    if (token === null) return [...bars.values()].sort((a, b) => a.openAt - b.openAt);
  }
  throw new Error('Alpaca has more bars than can be read');
}

/** The last trade of each, so that the first quote can be told; what cannot be had is left to the stream. */
export async function latestPrices(
  rest: Rest,
  listed: readonly Listed[],
  feed: string,
): Promise<ReadonlyMap<string, number>> {
  const [first] = listed;
  if (first === undefined) return new Map();
  const query = new URLSearchParams({ symbols: listed.map(({ venueSymbol }) => venueSymbol).join(',') });
  if (!first.isCrypto) query.set('feed', feed);
  const path = first.isCrypto ? `${pathOf(first)}/latest/trades` : `${pathOf(first)}/trades/latest`;
  const answer = await rest.get(`${path}?${query.toString()}`, latestTradesSchema);
  return new Map(answer.ok ? Object.entries(answer.value.trades).map(([symbol, { p }]) => [symbol, p]) : []);
}
