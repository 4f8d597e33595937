import { createHash } from 'node:crypto';
import type { Journal } from '#desk/ports/journal.ts';

/** A digest of all that a restart takes up from: the chain, orders, fills, positions, trades and decisions. */
export function stateDigest(journal: Journal): string {
  const state = [
    journal.lastSeq(),
    journal.headHash(),
    journal.orders({}),
    journal.orders({ openOnly: true }),
    journal.fills({}),
    journal.openLots(),
    journal.trades({}),
    journal.netOfTrades(),
    journal.decisionCount(),
  ];
  return createHash('sha256').update(JSON.stringify(state)).digest('hex');
}
