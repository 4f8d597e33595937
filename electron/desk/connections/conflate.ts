import type { Quote } from '#shared/domain/market.ts';
import type { Clock } from '#desk/ports/clock.ts';

/** The newest quote of each symbol goes on at most this often: faster than anybody reads, slow enough for every screen. */
const WINDOW_MS = 50;

/** Passes quotes on, the newest of each symbol; what is overtaken before its turn is left out. */
export interface Conflation {
  push(quote: Quote): void;
  /** Quotes that wait now: never more than one of a symbol. */
  waiting(): number;
  /** Quotes that a newer one took the place of. */
  overtaken(): number;
  stop(): void;
}

/** Returns a conflation over the desk's clock. An older quote than the one that waits, or that went on, is dropped. */
export function createConflation(clock: Clock, onQuote: (quote: Quote) => void): Conflation {
  const pending = new Map<string, Quote>();
  const newest = new Map<string, number>();
  let overtaken = 0;
  let isScheduled = false;
  let cancel: () => void = () => undefined;

  const flush = (): void => {
    isScheduled = false;
    const quotes = [...pending.values()];
    pending.clear();
    for (const quote of quotes) onQuote(quote);
  };
  return {
    push: (quote) => {
      if (quote.asOf < (newest.get(quote.symbol) ?? -Infinity)) {
        overtaken += 1;
        return;
      }
      newest.set(quote.symbol, quote.asOf);
      if (pending.has(quote.symbol)) overtaken += 1;
      pending.set(quote.symbol, quote);
      if (isScheduled) return;
      isScheduled = true;
      cancel = clock.after(WINDOW_MS, flush);
    },
    waiting: () => pending.size,
    overtaken: () => overtaken,
    stop: () => {
      cancel();
      pending.clear();
    },
  };
}
