import { epochMs, money, ticks, type EpochMs } from '#shared/units.ts';
import type { NewEvent } from '#desk/ports/journal.ts';
import { aFill, at, events, NOON, orderId, someTerms } from './journal-events.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const ENTRY = 84_000;
/** 40 ticks of 5 USD. */
const RISK_USD = 200;
const TICK_USD = 5;

/** One trade of one contract that was taken as recommended; `r` is a multiple of a fortieth, so that it is whole ticks. */
export type Made = { readonly r: number };

/** A decision carries a whole snapshot: a journal of thousands goes without, as one that was imported does. */
const MOST_DECISIONS = 100;

const decided = (n: number, time: EpochMs): readonly NewEvent[] => [
  at(time, events.decision(n)),
  at(time, { ...events.recommendation(n), contracts: 1, allowedContracts: 1 } as NewEvent['event']),
];

/** Everything a journal holds about it: proposed, approved, filled, closed, and what was planned. */
function eventsOf({ r }: Made, n: number): readonly NewEvent[] {
  const opened = epochMs(NOON + n * DAY);
  const closed = epochMs(opened + HOUR);
  const exitPrice = ticks(ENTRY + Math.round((r * RISK_USD) / TICK_USD));
  const entry = someTerms(2 * n, { recommendationId: `R${n}`, quantity: 1, price: ticks(ENTRY) });
  const exit = someTerms(2 * n + 1, {
    ...{ recommendationId: `R${n}`, quantity: 1, role: 'target', direction: -1 },
    ...{ parentId: orderId(2 * n), price: exitPrice },
  });
  const fee = money(0);
  const net = money(Math.round(r * RISK_USD) * 10_000);
  return [
    at(epochMs(opened - 2_000), events.equity(100_000)),
    ...(n < MOST_DECISIONS ? decided(n, epochMs(opened - 1_000)) : []),
    at(opened, events.intent(entry, RISK_USD)),
    at(
      opened,
      events.fill(
        aFill(`E${n}`, {
          clientOrderId: entry.clientOrderId,
          price: ticks(ENTRY),
          fee,
          at: opened,
          receivedAt: opened,
        }),
      ),
    ),
    at(opened, events.intent(exit, null)),
    at(
      closed,
      events.fill(
        aFill(`X${n}`, {
          ...{
            clientOrderId: exit.clientOrderId,
            direction: -1,
            price: exitPrice,
            fee,
            at: closed,
            receivedAt: closed,
          },
        }),
      ),
    ),
    at(closed, {
      ...{ kind: 'outcome', recommendationId: `R${n}`, symbol: 'NQZ26-CME', decidedAt: epochMs(opened - 1_000) },
      ...{ exit: r > 0 ? 'target' : 'stop', exitPrice, exitAt: closed, netPerContract: net, r },
      ...{ combined: 0.68, probability: 0.66, suggested: 1, riskPerContract: money(RISK_USD * 10_000) },
    }),
  ];
}

/** A journal's events: opened with 100,000 USD, then one trade a day. */
export const tradeJournal = (made: readonly Made[]): readonly NewEvent[] => [
  at(epochMs(NOON - DAY), events.opened()),
  at(epochMs(NOON - DAY), events.instrument()),
  ...made.flatMap(eventsOf),
];
