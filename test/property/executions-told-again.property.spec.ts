import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fill, OrderTerms } from '#shared/domain/order.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { createExecutions, type Executions } from '#desk/execution/executions.ts';
import type { ExecutionContext } from '#desk/execution/context.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import { NOON, at, events, orderId } from '#test/support/journal-events.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';

const KEYS = ['E1', 'E2'] as const;

const ACCOUNT = 'A';
const OWN = orderId(1);
const STRANGE = orderId(2);
const anOrder: OrderTerms = {
  ...{ clientOrderId: OWN, recommendationId: null, parentId: null, account: ACCOUNT, symbol: 'NQZ26-CME' },
  ...{ role: 'entry', direction: 1, type: 'market', quantity: 4, price: null, timeInForce: 'day' },
};

/** Told of an order that the desk sent, of one that it did not, or of none. */
type Step =
  | { readonly kind: 'tell'; readonly key: string; readonly owner: string | null; readonly quantity: number }
  | { readonly kind: 'correct'; readonly key: string; readonly version: number; readonly quantity: number | null }
  | { readonly kind: 'revise'; readonly key: string; readonly quantity: number };

const quantity = fc.integer({ min: 1, max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      ...{
        kind: fc.constant('tell' as const),
        key: fc.constantFrom(...KEYS),
        owner: fc.constantFrom(OWN, STRANGE, null),
      },
      quantity,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ kind: fc.constant('correct' as const), key: fc.constantFrom(...KEYS), version: quantity },
      quantity: fc.option(quantity),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('revise' as const), key: fc.constantFrom(...KEYS), quantity }),
  },
);

const fillOf = (execKey: string, clientOrderId: string | null, contracts: number): Fill => ({
  ...{
    execKey,
    venue: 'paper',
    account: ACCOUNT,
    clientOrderId,
    symbol: anOrder.symbol,
    direction: 1,
    quantity: contracts,
  },
  ...{ price: ticks(20_000), fee: money(1), at: epochMs(NOON), receivedAt: epochMs(NOON) },
});

const tell = (owner: string | null): Step => ({ kind: 'tell', key: 'E1', owner, quantity: 1 });
/** Booked for nobody, corrected, and linked with what it was corrected to: the first word is at odds with it then. */
const LINKED_AS_CORRECTED = [
  ...[tell(null), tell(null)],
  { kind: 'revise', key: 'E1', quantity: 2 } as const,
  ...[tell(OWN), tell(null)],
];

function take(executions: Executions, one: Step): unknown {
  if (one.kind === 'tell') return executions.book(fillOf(one.key, one.owner, one.quantity));
  const corrected =
    one.quantity === null
      ? null
      : { direction: 1 as const, quantity: one.quantity, price: ticks(20_000), fee: money(1), at: epochMs(NOON) };
  if (one.kind === 'correct') {
    const key = { execKey: one.key, venue: 'paper', account: ACCOUNT };
    return executions.correct({ ...key, version: one.version, corrected, reason: 'venue' });
  }
  const known = executions.find({ execKey: one.key, venue: 'paper', account: ACCOUNT });
  if (known !== null) executions.revise(known, corrected);
  return known;
}

/** What `createExecutions` needs of a desk, over a journal that has one order. */
function contextOf(journal: SqliteJournal): ExecutionContext {
  const recorder = {
    record: (list: readonly JournalEvent[]) =>
      journal.append(
        list.map((event) => at(NOON, event)),
        'soon',
      ),
  };
  const book = { order: (id: string) => journal.order(id) };
  return { journal, recorder, book } as unknown as ExecutionContext;
}

function freshJournal(): SqliteJournal {
  const journal = temporaryJournal();
  journal.append([at(NOON, events.opened()), at(NOON, events.instrument()), at(NOON, events.intent(anOrder))]);
  return journal;
}

describe('executions that are told again and again', () => {
  it('come to what they come to where nothing is remembered', () => {
    const [remembering, forgetful] = [freshJournal(), freshJournal()];
    const executions = createExecutions(contextOf(remembering));
    let run = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 30 }), (steps) => {
        // Every run has keys of its own.
        run += 1;
        const before = remembering.lastSeq();
        for (const one of steps) {
          const keyed = { ...one, key: `${run}-${one.key}` };
          const expected = take(createExecutions(contextOf(forgetful)), keyed);
          expect(take(executions, keyed)).toEqual(expected);
        }
        const written = (journal: SqliteJournal) => journal.after(before, 1_000).map(({ event }) => event);
        expect(written(remembering)).toEqual(written(forgetful));
      }),
      { numRuns: 40, examples: [[LINKED_AS_CORRECTED]] },
    );
  });
});
