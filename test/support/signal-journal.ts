import { join } from 'node:path';
import { openJournal } from '#desk/journal/open-journal.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import type { NewEvent } from '#desk/ports/journal.ts';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import { at, aFill, events, someTerms } from './journal-events.ts';
import { aDecision } from './journal-facts.ts';
import { generator } from './random.ts';

const START = Date.UTC(2026, 0, 5, 15);
const DAY_MS = 86_400_000;
/** Held in memory until they are written. */
const EVENTS_AT_ONCE = 4_000;

function outcome(id: string, decidedAt: number, netUsd: number): JournalEvent {
  return {
    kind: 'outcome',
    ...{ recommendationId: id, symbol: 'NQZ26-CME', decidedAt: epochMs(decidedAt), exit: 'timeout' },
    ...{ exitPrice: ticks(0), exitAt: epochMs(decidedAt + 3_600_000), netPerContract: moneyFromUsd(netUsd), r: 0 },
    ...{ combined: null, probability: null, suggested: 1, riskPerContract: money(1) },
  };
}

/** A trade of one contract that no signal explains: bought, and sold an hour later in two parts when it is of two. */
function ownTrade(n: number, time: number, { moved, quantity }: { moved: number; quantity: number }): NewEvent[] {
  const entry = someTerms(2 * n, { recommendationId: `own ${n}`, quantity, price: ticks(80_000) });
  const exit = someTerms(2 * n + 1, {
    ...{ role: 'flatten', direction: -1, recommendationId: `own ${n}`, type: 'market', price: null, quantity },
  });
  const fill = (terms: typeof entry, key: string, ms: number, price: number, size: number): NewEvent =>
    at(
      epochMs(time + ms + 15),
      events.fill(
        aFill(key, {
          ...{ clientOrderId: terms.clientOrderId, direction: terms.direction, quantity: size, price: ticks(price) },
          ...{ at: epochMs(time + ms), receivedAt: epochMs(time + ms + 15) },
        }),
      ),
    );
  const parts = Array.from({ length: quantity }, (_, i) =>
    fill(exit, `X${n} ${i}`, 3_600_000 + i * 60_000, 80_000 + moved + 4 * i, 1),
  );
  return [
    at(epochMs(time), events.intent(entry, 400)),
    fill(entry, `E${n}`, 1_000, 80_000, quantity),
    at(epochMs(time + 2_000), events.intent(exit, null)),
    ...parts,
  ];
}

export type SignalJournal = {
  readonly days: number;
  readonly seed?: number;
  readonly ownTrades?: number;
  /** From this day on everything ends otherwise than it would have. */
  readonly twistedFrom?: number;
  /** From one signal to the next; a day unless said otherwise, more than an hour. */
  readonly apartMs?: number;
};

/**
 * Writes a journal of one long signal a day, each resolved an hour later, and of own trades beside them (each third of
 * two contracts that leave apart). Returns its path.
 */
export function signalJournal(folder: string, settings: SignalJournal): string {
  const { days, seed = 3, ownTrades = 0, twistedFrom = Infinity, apartMs = DAY_MS } = settings;
  const path = join(folder, 'journal.db');
  const opened = openJournal({ path });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const journal = opened.value;
  const random = generator(seed);
  const begun = epochMs(START - DAY_MS);
  const all: NewEvent[] = [at(begun, events.opened()), at(begun, events.instrument())];
  for (let i = 0; i < Math.max(days, ownTrades); i += 1) {
    if (all.length >= EVENTS_AT_ONCE) journal.append(all.splice(0));
    const time = START + i * apartMs;
    const twist = i < twistedFrom ? 1 : -0.7;
    if (i < days) {
      all.push(at(epochMs(time), aDecision(`R${i}`, time, 0.62 + 0.2 * random())));
      const netUsd = random() < 0.6 ? 250 + 400 * random() : -150 - 260 * random();
      all.push(at(epochMs(time + 3_600_000), outcome(`R${i}`, time, Math.round(twist * netUsd))));
    }
    if (i < ownTrades) {
      const moved = Math.round(twist * (random() < 0.55 ? 120 * random() : -80 * random()));
      all.push(...ownTrade(i + 1, time + 7_200_000, { moved, quantity: i % 3 === 2 ? 2 : 1 }));
    }
  }
  journal.append(all);
  journal.close();
  return path;
}
