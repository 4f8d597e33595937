import { deskClient } from '#renderer/src/api/client.ts';
import type { TradeRow } from '#shared/contract/journal-views.ts';
import type { Bar } from '#shared/domain/market.ts';
import { epochMs } from '#shared/units.ts';
import { failureText } from './actions.ts';

export type TradeBars =
  { readonly kind: 'ready'; readonly bars: readonly Bar[] } | { readonly kind: 'failed'; readonly message: string };

type Span = Pick<TradeRow, 'symbol' | 'entryAt' | 'exitAt'>;

const MINUTE_MS = 60_000;
const BEFORE_BARS = 30;
const AFTER_BARS = 15;
const MOST_BARS = 2_000;

/** Bars between a little before the entry and a little after the exit; none where the trade is not among them. */
export function barsAround(
  bars: readonly Bar[],
  { entryAt, exitAt }: Pick<Span, 'entryAt' | 'exitAt'>,
): readonly Bar[] {
  const first = bars.findIndex(({ closeAt }) => closeAt > entryAt);
  const last = bars.findLastIndex(({ openAt }) => openAt <= exitAt);
  if (first < 0 || last < first) return [];
  // The newest bars alone do not tell of a trade that was over before them.
  if (first === 0 && (bars[0]?.openAt ?? Infinity) > entryAt) return [];
  return bars.slice(Math.max(0, first - BEFORE_BARS), last + 1 + AFTER_BARS);
}

/** Reads the bars a trade was made in. */
export async function loadTradeBars(span: Span): Promise<TradeBars> {
  const { symbol, entryAt, exitAt } = span;
  const until = epochMs(exitAt + AFTER_BARS * MINUTE_MS);
  const limit = Math.min(MOST_BARS, Math.ceil((until - entryAt) / MINUTE_MS) + BEFORE_BARS);
  try {
    const { bars } = await deskClient().call('chart.bars', { symbol, limit, until });
    return { kind: 'ready', bars: barsAround(bars, span) };
  } catch (cause) {
    return { kind: 'failed', message: failureText(cause) };
  }
}
