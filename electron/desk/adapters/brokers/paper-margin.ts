import { remainingOf } from '#shared/domain/order-life.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { OrderTerms } from '#shared/domain/order.ts';
import { type Money, MONEY_PER_USD } from '#shared/units.ts';
import { paperMargin } from './margins.ts';
import type { PaperAccount } from './paper-account.ts';
import { type BookedOrder, isExit, isExitRole } from './paper-orders.ts';

export type MarginParts = {
  readonly account: Pick<PaperAccount, 'quantity' | 'positions' | 'equity'>;
  readonly open: () => readonly BookedOrder[];
  readonly instruments: ReadonlyMap<string, Instrument>;
};

/** What is to be added to the open orders; `instead` is the order it takes the place of. */
export type Addition = {
  readonly terms: Pick<OrderTerms, 'symbol' | 'role' | 'direction' | 'quantity'>;
  readonly instead: BookedOrder | null;
};

const usdText = (amount: number): string => `${(amount / MONEY_PER_USD).toFixed(2)} USD`;

/**
 * Why the account cannot carry one more order, with the numbers; null when it can. Initial margin is asked for the
 * largest position the open orders can lead to; what does not raise it is never refused.
 */
export function marginFault(addition: Addition, parts: MarginParts): string | null {
  const before = requiredMargin(null, parts);
  const after = requiredMargin(addition, parts);
  if (typeof after === 'string') return after;
  if (typeof before === 'number' && after <= before) return null;
  const equity: Money = parts.account.equity();
  return after <= equity ? null : `insufficient margin: ${usdText(after)} needed, equity is ${usdText(equity)}`;
}

/** Initial margin of the largest position the open orders can lead to, per symbol, summed. */
function requiredMargin(extra: Addition | null, { account, open, instruments }: MarginParts): number | string {
  const entries = open().filter((order) => !isExit(order) && order !== extra?.instead);
  const symbols = new Set([...account.positions().map((p) => p.symbol), ...entries.map((o) => o.terms.symbol)]);
  if (extra !== null) symbols.add(extra.terms.symbol);
  let total = 0;
  for (const symbol of symbols) {
    const held = account.quantity(symbol);
    let [buys, sells] = [0, 0];
    const count = (direction: number, quantity: number): void => {
      if (direction === 1) buys += quantity;
      else sells += quantity;
    };
    for (const order of entries) if (order.terms.symbol === symbol) count(order.terms.direction, remainingOf(order));
    const isAdding = extra?.terms.symbol === symbol && !isExitRole(extra.terms);
    if (isAdding) count(extra.terms.direction, extra.terms.quantity);
    const exposure = Math.max(Math.abs(held + buys), Math.abs(held - sells));
    const instrument = instruments.get(symbol);
    const margin = instrument === undefined ? null : paperMargin(instrument);
    if (margin !== null) total += margin * exposure;
    else if (isAdding && exposure > Math.abs(held)) return `no margin figure for ${symbol}`;
  }
  return total;
}
