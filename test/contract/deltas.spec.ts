import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { applyChanges, changesBetween } from '#shared/contract/changes.ts';
import { createClient } from '#shared/contract/client.ts';
import { createDeltaReader, createDeltaWriter } from '#shared/contract/deltas.ts';
import { serverFrameSchema } from '#shared/contract/frames.ts';
import type { ClientFrame, ServerFrame, WireEvent } from '#shared/contract/frames.ts';
import { contract } from '#shared/contract/index.ts';
import type { Wire } from '#shared/contract/wire.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { recommendationSchema } from '#shared/domain/recommendation.ts';
import { epochMs } from '#shared/units.ts';
import { recommendationsAt } from '#test/support/desk-fixtures/recommendations.ts';

const AT = epochMs(1_700_000_000_000);
const FIXTURES = recommendationsAt(AT);
const [FIRST] = FIXTURES;
if (FIRST === undefined) throw new Error('there are fixtures');

const overWire = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const event = (written: WireEvent): WireEvent => {
  const frame = serverFrameSchema.parse(overWire({ kind: 'events', seq: 1, events: [written] }));
  if (frame.kind !== 'events' || frame.events[0] === undefined) throw new Error('one event was sent');
  return frame.events[0];
};

/** A recommendation of one of two symbols: another fixture's parts, some figures of its own, and `held` or not. */
const recommendation: fc.Arbitrary<Recommendation> = fc
  .record({
    symbol: fc.constantFrom('A', 'B'),
    base: fc.constantFrom(...FIXTURES),
    decision: fc.constantFrom(...FIXTURES.map((one) => one.decision)),
    contracts: fc.nat(9),
    held: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    reason: fc.constantFrom(null, { code: 'news' as const, text: 'Fed' }),
  })
  .map(({ symbol, base, decision, contracts, held, reason }) => ({
    ...{ ...base, symbol, reason },
    decision: { ...decision, contracts, ...(held === undefined ? {} : { held }) },
  }));

describe('events that travel as what changed', () => {
  it('come out as they went in, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(recommendation, { maxLength: 12 }), (all) => {
        const [writer, reader] = [createDeltaWriter(), createDeltaReader()];
        for (const [seq, one] of all.entries()) {
          const read = reader.read(seq, event(writer.write(seq, 'recommendation.changed', one)));
          expect(read).toEqual({ ok: true, value: one });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are of the same payloads on both ends when there are more than are held', () => {
    const [writer, reader] = [createDeltaWriter(), createDeltaReader()];
    let seq = 0;
    const give = (key: number, contracts: number): WireEvent => {
      const one = { ...FIRST, symbol: `S${key}`, decision: { ...FIRST.decision, contracts } };
      seq += 1;
      const written = writer.write(seq, 'recommendation.changed', one);
      const read = reader.read(seq, written);
      expect(read.ok && (read.value as Recommendation).decision.contracts).toBe(contracts);
      return written;
    };
    for (let key = 0; key < 2_000; key += 1) give(key, 1);
    // The first has changed since, so the second is the one that goes.
    expect(give(0, 2).as).toBe('changes');
    expect(give(2_000, 1).as).toBe('whole');
    expect([give(0, 3).as, give(2, 2).as, give(1, 2).as]).toEqual(['changes', 'changes', 'whole']);
  });

  it('leave what did not change the very same object', () => {
    const [writer, reader] = [createDeltaWriter(), createDeltaReader()];
    const next = { ...FIRST, decision: { ...FIRST.decision, contracts: 1 } };
    const [before, after] = [FIRST, next].map((one, seq) => {
      const read = reader.read(seq, event(writer.write(seq, 'recommendation.changed', one)));
      return read.ok ? (read.value as Recommendation) : null;
    });
    expect(after?.decision.contracts).toBe(1);
    expect(after?.opinions).toBe(before?.opinions);
    expect(after?.decision.ladder).toBe(before?.decision.ladder);
  });

  it('are few: an end says its state and nothing of its ladder', () => {
    const ended = { ...overWire(FIRST), state: 'expired' as const };
    expect(changesBetween(recommendationSchema, FIRST, ended)).toEqual({ set: [['state', 'expired']], unset: [] });
  });

  it('go whole where the desk says something that the contract does not know', () => {
    expect(changesBetween(recommendationSchema, FIRST, { ...FIRST, extra: 1 })).toBeNull();
    expect(changesBetween(recommendationSchema, FIRST, null)).toBeNull();
    expect(changesBetween(recommendationSchema, FIRST, { ...FIRST, decision: null })).toBeNull();
  });
});

describe('what changed, as it is taken in', () => {
  it.each([
    ['a value that does not fit', { set: [['decision.contracts', -1]], unset: [] }],
    ['what JSON makes of no number', { set: [['decision.contracts', null]], unset: [] }],
    ['a field there is not', { set: [['decision.nope', 1]], unset: [] }],
    ['a field of every object', { set: [['__proto__', {}]], unset: [] }],
    ['the path of an object that has fields of its own', { set: [['decision', {}]], unset: [] }],
    ['the loss of a field that is needed', { set: [], unset: ['decision.contracts'] }],
    [
      'one that does not fit behind one that does',
      {
        set: [
          ['state', 'expired'],
          ['symbol', 1],
        ],
        unset: [],
      },
    ],
  ] as const)('refuses %s', (_what, { set, unset }) => {
    const changes = { set: set.map(([path, value]): [string, unknown] => [path, value]), unset };
    expect(applyChanges(recommendationSchema, FIRST, changes).ok).toBe(false);
  });

  it('makes the object anew that it changes, and leaves the one before as it was', () => {
    const before = structuredClone(FIRST);
    const set: [string, unknown][] = [
      ['decision.contracts', 7],
      ['state', 'expired'],
      ['decision.status', 'too-small'],
    ];
    const { decision } = FIRST;
    expect(applyChanges(recommendationSchema, FIRST, { set, unset: ['decision.held'] })).toEqual({
      ok: true,
      value: { ...FIRST, state: 'expired', decision: { ...decision, contracts: 7, status: 'too-small' } },
    });
    expect(FIRST).toEqual(before);
    const none = applyChanges(recommendationSchema, FIRST, { set: [], unset: [] });
    expect(none.ok && none.value).toBe(FIRST);
  });

  it('is of schemas that are no more than their fields', () => {
    const check = (schema: z.ZodObject): void => {
      expect(schema.def.checks ?? []).toEqual([]);
      for (const field of Object.values(schema.shape)) if (field instanceof z.ZodObject) check(field);
    };
    const keyed = Object.values(contract).flatMap((entry) => ('key' in entry ? [entry.payload] : []));
    expect(keyed).not.toEqual([]);
    for (const schema of keyed) check(schema);
  });
});

describe('a client that has lost what a change is of', () => {
  it('begins anew and asks for a snapshot', () => {
    let give: (frame: ServerFrame) => void = () => undefined;
    const asked: ClientFrame[] = [];
    const wire: Wire = {
      send: (frame) => asked.push(frame),
      onFrame: (listener) => {
        give = listener;
        return () => undefined;
      },
      onState: (listener) => {
        listener('open');
        return () => undefined;
      },
      close: () => undefined,
    };
    const faults: string[] = [];
    const client = createClient(wire, { onFault: (what) => faults.push(what) });
    let resyncs = 0;
    client.onResync(() => (resyncs += 1));
    const heard: number[] = [];
    client.on('recommendation.changed', (_one, seq) => heard.push(seq));
    give({ kind: 'subscribed', seq: 5, isComplete: true });
    const changes = { as: 'changes', topic: 'recommendation.changed', key: FIRST.symbol, base: 4 } as const;
    give({ kind: 'events', seq: 6, events: [{ ...changes, set: [['state', 'expired']], unset: [] }] });
    expect(faults).toEqual(['recommendation.changed']);
    expect(asked).toEqual([
      { kind: 'subscribe', after: null },
      { kind: 'subscribe', after: null },
    ]);
    // Until the desk has heard that, nothing it says can be relied on.
    give({ kind: 'events', seq: 7, events: [{ as: 'whole', topic: 'recommendation.changed', payload: FIRST }] });
    expect([heard, resyncs]).toEqual([[], 1]);
    give({ kind: 'subscribed', seq: 7, isComplete: true });
    give({ kind: 'events', seq: 8, events: [{ as: 'whole', topic: 'recommendation.changed', payload: FIRST }] });
    expect([heard, resyncs]).toEqual([[8], 2]);
  });
});
