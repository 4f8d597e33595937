import { createHash } from 'node:crypto';
import type { Journal } from '#desk/ports/journal.ts';

/** A digest of all that a restart takes up from: the chain, orders, fills, positions, trades, decisions and notes. */
export function stateDigest(journal: Journal): string {
  const state = [
    journal.lastSeq(),
    journal.headHash(),
    journal.orders({}),
    journal.orders({ openOnly: true }),
    journal.fills({ origin: 'all' }),
    journal.openLots(),
    journal.trades({ origin: 'all' }),
    journal.netOfTrades(),
    journal.decisionCount(),
    journal.tradePage({ filter: { origin: 'all' }, sort: { by: 'exit', isDescending: true }, limit: 50, offset: 0 }),
    journal.tradeSummary({ origin: 'all' }),
    journal.calendar({ origin: 'all' }),
    journal.labels(),
    journal.accounts(),
  ];
  return createHash('sha256').update(JSON.stringify(state)).digest('hex');
}
