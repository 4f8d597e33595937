import { create } from 'zustand';
import type { Bar, Quote } from '#shared/domain/market.ts';
import type { Instrument } from '#shared/domain/instrument.ts';

type QuoteState = { readonly bySymbol: Readonly<Record<string, Quote>> };
type InstrumentState = { readonly bySymbol: Readonly<Record<string, Instrument>> };

/** Bars of one symbol: absent = not asked for yet. */
export type BarSeries =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'ready'; readonly bars: readonly Bar[] };
type BarState = { readonly bySymbol: Readonly<Record<string, BarSeries>> };

/** Bars kept per symbol: the chart library's updates slow down with the length of a series. */
const MAX_BARS = 2_000;

export const useQuotes = create<QuoteState>()(() => ({ bySymbol: {} }));
export const useInstruments = create<InstrumentState>()(() => ({ bySymbol: {} }));
export const useBars = create<BarState>()(() => ({ bySymbol: {} }));

/** Replaces all quotes and instruments (snapshot); charts are read again. */
export function setMarket(quotes: readonly Quote[], instruments: readonly Instrument[]): void {
  useQuotes.setState({ bySymbol: Object.fromEntries(quotes.map((q) => [q.symbol, q])) });
  useInstruments.setState({ bySymbol: Object.fromEntries(instruments.map((i) => [i.symbol, i])) });
  useBars.setState({ bySymbol: {} });
}

/** Takes the newest quotes of a frame in; an older one never replaces a newer. */
export function putQuotes(quotes: readonly Quote[]): void {
  useQuotes.setState((state) => {
    const next: Record<string, Quote> = { ...state.bySymbol };
    for (const quote of quotes) {
      const held = next[quote.symbol];
      if (held === undefined || quote.receivedAt >= held.receivedAt) next[quote.symbol] = quote;
    }
    return { bySymbol: next };
  });
}

/** Forgets all bars: open charts read theirs again. */
export const forgetBars = (): void => useBars.setState({ bySymbol: {} });

/** Sets what is known of a symbol's bars. */
export const setBars = (symbol: string, series: BarSeries): void =>
  useBars.setState((state) => ({ bySymbol: { ...state.bySymbol, [symbol]: series } }));

/** Appends a closed bar, or replaces the one with the same start. Bars of symbols not on a chart are dropped. */
export function putBar(bar: Bar): void {
  useBars.setState((state) => {
    const series = state.bySymbol[bar.symbol];
    if (series?.kind !== 'ready') return {};
    const before = series.bars.filter((held) => held.openAt < bar.openAt);
    const bars = [...before, bar].slice(-MAX_BARS);
    return { bySymbol: { ...state.bySymbol, [bar.symbol]: { kind: 'ready', bars } } };
  });
}
