import type { Instrument } from '#shared/domain/instrument.ts';
import type { Direction, Money, Ticks } from '#shared/units.ts';
import { money } from '#shared/units.ts';

/** Holdings and cash of the paper account, in integers throughout. */
export interface PaperAccount {
  readonly quantity: (symbol: string) => number;
  readonly positions: () => readonly { readonly symbol: string; readonly quantity: number }[];
  /** Books an execution and returns its fee. */
  readonly book: (trade: AccountTrade) => Money;
  /** Books a correction: contracts (signed), their cost in contracts × ticks, and a fee that may be negative. */
  readonly adjust: (symbol: string, change: { quantity: number; cost: number; fee: number }) => void;
  readonly mark: (symbol: string, price: Ticks) => void;
  /** Cash plus open profit and loss at the last marks. */
  readonly equity: () => Money;
  /** Puts an account as it was before a restart: `averagePrice` in ticks (float64), `cash` without open profit. */
  readonly restore: (positions: readonly RestoredPosition[], cash: Money) => void;
}

export type AccountTrade = {
  readonly symbol: string;
  readonly direction: Direction;
  readonly quantity: number;
  readonly price: Ticks;
};

export type RestoredPosition = {
  readonly symbol: string;
  readonly quantity: number;
  readonly averagePrice: number;
};

/** `mark` in ticks; null until the first price of the symbol is seen. */
type Holding = { quantity: number; mark: number | null };

/**
 * Makes an account. The ledger holds cash minus the notional of what is held, so that equity is ledger plus notional at
 * the mark: exact, whatever the order of the fills.
 */
export function createPaperAccount(instruments: ReadonlyMap<string, Instrument>, startingCash: Money): PaperAccount {
  const holdings = new Map<string, Holding>();
  let ledger: number = startingCash;

  const tickValue = (symbol: string): number => {
    const instrument = instruments.get(symbol);
    if (instrument === undefined) throw new Error(`paper account: unknown symbol ${symbol}`);
    return instrument.tickValue;
  };
  const holdingOf = (symbol: string): Holding => {
    const known = holdings.get(symbol);
    if (known !== undefined) return known;
    const holding: Holding = { quantity: 0, mark: null };
    holdings.set(symbol, holding);
    return holding;
  };

  return {
    quantity: (symbol) => holdings.get(symbol)?.quantity ?? 0,
    positions: () =>
      [...holdings].filter(([, h]) => h.quantity !== 0).map(([symbol, h]) => ({ symbol, quantity: h.quantity })),
    book: ({ symbol, direction, quantity, price }) => {
      const holding = holdingOf(symbol);
      const closing = holding.quantity * direction < 0 ? Math.min(quantity, Math.abs(holding.quantity)) : 0;
      const fee = feeOf(instruments.get(symbol)?.roundTurnFee ?? 0, quantity - closing, closing);
      ledger -= direction * quantity * price * tickValue(symbol) + fee;
      holding.quantity += direction * quantity;
      holding.mark ??= price;
      return fee;
    },
    adjust: (symbol, { quantity, cost, fee }) => {
      ledger -= cost * tickValue(symbol) + fee;
      holdingOf(symbol).quantity += quantity;
    },
    mark: (symbol, price) => {
      if (instruments.has(symbol)) holdingOf(symbol).mark = price;
    },
    equity: () => {
      let equity = ledger;
      for (const [symbol, h] of holdings) equity += h.quantity * (h.mark ?? 0) * tickValue(symbol);
      return money(Math.round(equity));
    },
    restore: (positions, cash) => {
      holdings.clear();
      ledger = cash;
      for (const { symbol, quantity, averagePrice } of positions) {
        const notional = Math.round(quantity * averagePrice * tickValue(symbol));
        ledger -= notional;
        // Until the first price comes, the position stands at what it cost.
        holdings.set(symbol, { quantity, mark: averagePrice });
      }
    },
  };
}

/** Half the round turn per side: the odd unit falls on the closing side, so that both sides sum to the whole. */
function feeOf(roundTurn: number, opening: number, closing: number): Money {
  const entry = Math.floor(roundTurn / 2);
  return money(opening * entry + closing * (roundTurn - entry));
}
