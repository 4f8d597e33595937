import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEndingWriter, type Ending } from '#desk/backtest/ending-columns.ts';
import { unpackTape, type PackedTape } from '#desk/backtest/packed-tape.ts';
import { createProposalWriter, proposalsOf } from '#desk/backtest/proposal-columns.ts';
import { createSignalWriter, lastConfigOf, termsOf, type Signal } from '#desk/backtest/signal-columns.ts';
import { createIntern } from '#desk/backtest/tape-snapshot.ts';
import type { Leg } from '#desk/backtest/tape.ts';
import type { ProposalRow } from '#desk/ports/journal.ts';
import { outcomeSourceSchema } from '#shared/domain/backtest.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { arbitrarySnapshot } from '#test/support/snapshots.ts';

const time = fc.integer({ min: 0, max: 4e12 });
const amount = fc.maxSafeInteger().map(money);
const direction = fc.constantFrom(1 as const, -1 as const);
const count = fc.nat({ max: 500 });
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const orNever = (value: fc.Arbitrary<number>) => fc.oneof(value, fc.constant(Infinity));

const signal: fc.Arbitrary<Signal> = fc
  .record({
    id: fc.string(),
    at: time.map(epochMs),
    entry: fc.integer(),
    direction,
    winProbability: finite,
    riskPerContract: amount,
    stop: fc.integer(),
    suggested: count,
    gate: fc.constantFrom(null, 'session-closed' as const, 'halted' as const),
    snapshot: arbitrarySnapshot().map((made) => ({
      ...made,
      ...{ opinions: { lstm: null, ensemble: null }, quote: null, calibrator: { kind: 'none' as const, version: '' } },
    })),
  })
  .map((made) => ({ ...made, isProposal: made.suggested > 0 }));

const leg: fc.Arbitrary<Leg> = fc.record({
  ...{ entryAt: time, entryPrice: finite, entryFee: amount, quantity: count, exitAt: orNever(time), net: amount },
});

const ending: fc.Arbitrary<Ending> = fc.record({
  executed: count,
  closedAt: orNever(time),
  outcome: fc.record({
    source: fc.constantFrom(...outcomeSourceSchema.options),
    ...{ fillsUntil: orNever(time), endsAt: orNever(time), sent: count, filled: count },
    legs: fc.array(leg, { maxLength: 3 }),
  }),
  plan: fc.option(fc.record({ exitAt: time, net: amount })),
});

const rest: Omit<PackedTape, 'signals' | 'endings'> = {
  ...{ profile: 'simulation', events: 9, headHash: null, configVersions: [], initialEquity: money(1), decisions: 0 },
  ...{ trades: [], marks: new Map(), days: { names: [], opensAt: new Float64Array() }, endAt: 1 },
  ...{ journalEquity: money(1), foreignAt: Infinity },
};

const withoutEntry = (made: Signal): Omit<Signal, 'entry'> =>
  Object.fromEntries(Object.entries(made).filter(([name]) => name !== 'entry')) as Omit<Signal, 'entry'>;

describe('a tape by column', () => {
  it('says in every thread what was written, in order of time', () => {
    const parts = fc.array(fc.array(fc.tuple(signal, ending), { maxLength: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(parts, (given) => {
        const endings = createEndingWriter();
        const intern = createIntern();
        const signals = given.map((part) => {
          const writer = createSignalWriter(intern);
          for (const [one, end] of part) {
            writer.add(one);
            endings.add(end);
          }
          return writer.all();
        });
        const { cases } = unpackTape(structuredClone({ ...rest, signals, endings: endings.all() }));
        const expected = given
          .flat()
          .map(([one, end]) => ({ ...withoutEntry(one), ...end }))
          .sort((a, b) => a.at - b.at);
        expect(cases).toStrictEqual(structuredClone(expected));
      }),
    );
  });

  it('tells the terms of its signals, and the last settings, without making them', () => {
    fc.assert(
      fc.property(fc.array(signal, { maxLength: 4 }), (given) => {
        const writer = createSignalWriter(createIntern());
        for (const one of given) writer.add(one);
        const columns = writer.all();
        const terms = given.map(({ id, at, entry, snapshot: { instrument } }) => ({ id, at, entry, instrument }));
        expect([...termsOf(columns)]).toStrictEqual(structuredClone(terms));
        expect(lastConfigOf(columns)).toStrictEqual(structuredClone(given.at(-1)?.snapshot.config ?? null));
      }),
    );
  });

  it('keeps one of each of equal settings and contracts, whichever thread wrote them', () => {
    const [one] = fc.sample(signal, 1);
    if (one === undefined) throw new Error('no signal');
    const [end] = fc.sample(ending, 1);
    if (end === undefined) throw new Error('no ending');
    const endings = createEndingWriter();
    const signals = [0, 1].map(() => {
      const writer = createSignalWriter(createIntern());
      writer.add(structuredClone(one));
      endings.add(end);
      return writer.all();
    });
    const { cases } = unpackTape({ ...rest, signals, endings: endings.all() });
    expect(cases[0]?.snapshot.config).toBe(cases[1]?.snapshot.config);
    expect(cases[0]?.snapshot.instrument).toBe(cases[1]?.snapshot.instrument);
  });
});

describe('proposals by column', () => {
  it('are what was written', () => {
    const proposal: fc.Arbitrary<ProposalRow> = fc.record({
      ...{ at: time.map(epochMs), recommendationId: fc.string(), symbol: fc.constantFrom('NQZ26-CME', 'ES') },
      ...{ direction, contracts: count, entry: fc.integer().map(ticks) },
      ...{ riskPerContract: amount, tickValue: amount, roundTurnFee: amount },
    });
    fc.assert(
      fc.property(fc.array(proposal), (given) => {
        const writer = createProposalWriter();
        for (const one of given) writer.add(one);
        expect(proposalsOf(structuredClone(writer.all()))).toStrictEqual(structuredClone(given));
      }),
    );
  });
});
