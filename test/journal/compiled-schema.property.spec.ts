import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canonicalJson } from '#desk/journal/canonical.ts';
import { compilePart, compileSchema } from '#desk/journal/compiled-schema.ts';
import { openOrder } from '#shared/domain/order-life.ts';
import { orderSchema } from '#shared/domain/order.ts';
import { spellRecord } from '#desk/journal/event-codec.ts';
import { type EventRecord, type RecordedSnapshot, eventRecordSchema } from '#desk/journal/event-record.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import { freezeWhole } from '#shared/frozen.ts';
import { NOON, aCorrection, aFill, aRoundTrip, events, someTerms } from '#test/support/journal-events.ts';

const { spell: spelling, takes } = compileSchema(eventRecordSchema);

/** A decision as it is stored once another holds its settings and its book. */
function naming(event: JournalEvent): EventRecord {
  if (event.kind !== 'decision') throw new Error('a decision was asked for');
  const snapshot: RecordedSnapshot = { ...event.snapshot, same: { config: 7, exposures: 12 } };
  delete snapshot.config;
  delete snapshot.exposures;
  return { ...event, snapshot };
}

/** Events of the kinds that are written again and again, and some that hold texts and lists. */
const samples: readonly EventRecord[] = [
  naming(events.decision(4)),
  ...aRoundTrip(7).map((one) => one.event),
  ...[events.instrument(), events.opened(), events.config(), events.decision(3), events.recommendation(3)],
  ...[events.correction(aCorrection(aFill('E1'), 1, null)), events.equity(1), events.notice('a "text" of two\nlines')],
  ...[events.attachment('a'.repeat(64)), events.annotation({ kind: 'trade', id: 'T1' }, { tags: ['  calm '] })],
];

/** What does not belong where it is put, or not always. */
const foreign = fc.constantFrom<unknown>(
  ...[undefined, null, NaN, Infinity, -0, 0, -1, 1.5, 2 ** 53, 1e300, '', 'x', '2026-01-02', 'ü"\ud800', true],
  ...[[], [undefined], {}, { a: 1 }, 1n, new Date(0), Object.create({ kind: 'notice' })],
);

type Box = Record<string, unknown>;
const isBox = (value: unknown): value is Box => typeof value === 'object' && value !== null;

/** Puts something foreign somewhere into an event, takes a field away, or adds one. */
function altered(given: object, steps: readonly number[], value: unknown): unknown {
  const copy: unknown = structuredClone(given);
  let box = copy as Box;
  for (const [depth, step] of steps.entries()) {
    const fields = Object.keys(box);
    const field = fields[step % (fields.length + 1)];
    const inner = field === undefined ? undefined : box[field];
    if (isBox(inner) && depth < steps.length - 1) box = inner;
    else if (field === undefined) box['unknown'] = value;
    else if (value === undefined && step % 2 === 0) Reflect.deleteProperty(box, field);
    else box[field] = value;
    if (!isBox(inner)) break;
  }
  return copy;
}

describe('the compiled schema', () => {
  it('spells what can never change once, and as it spells everything else', () => {
    const decision = events.decision(3);
    if (decision.kind !== 'decision') throw new Error('a decision was asked for');
    const asked: string[] = [];
    const counted = (roots: readonly string[]): string[] =>
      new Proxy([...roots], {
        get: (target, field) => {
          if (field === '0') asked.push('roots');
          return Reflect.get(target, field) as unknown;
        },
      });
    const held = freezeWhole({ ...decision.snapshot.correlations, roots: counted(['ES', 'NQ']) });
    const event = { ...decision, snapshot: { ...decision.snapshot, correlations: held } };
    const loose = { ...held, roots: ['ES', 'NQ'] };
    const expected = canonicalJson({ ...decision, snapshot: { ...decision.snapshot, correlations: loose } });
    const before = asked.length;
    expect(spelling(event)).toBe(expected);
    const once = asked.length - before;
    expect(once).toBeGreaterThan(0);
    expect(spelling({ ...event, recommendationId: decision.recommendationId })).toBe(expected);
    expect(asked.length - before).toBe(once);
    expect(() => void held.rho.push([])).toThrow(TypeError);
  });

  it('spells every event that is written often, without asking the schema', () => {
    for (const event of samples) {
      const spelt = spelling(event);
      if (event.kind === 'annotation') expect(spelt).toBeNull();
      else expect(spelt).toBe(canonicalJson(eventRecordSchema.parse(event)));
    }
  });

  it('takes nothing the schema refuses or changes, whatever is put into an event', () => {
    const steps = fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 5 });
    let [taken, left] = [0, 0];
    fc.assert(
      fc.property(fc.constantFrom(...samples), steps, foreign, (event, at, value) => {
        const given = altered(event, at, value);
        const spelt = spelling(given);
        // What is not spelt is not taken as it is either, and the other way round.
        expect(takes(given)).toBe(spelt !== null);
        if (spelt === null) {
          left += 1;
          return;
        }
        taken += 1;
        const read: unknown = JSON.parse(spelt);
        expect(eventRecordSchema.parse(read)).toEqual(read);
        expect(spelt).toBe(canonicalJson(eventRecordSchema.parse(given)));
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(200);
    expect(left).toBeGreaterThan(200);
  });

  it('spells a list of figures that repeat as the schema has it', () => {
    const schema = z.array(z.number().min(-1).max(1).nullable());
    const list = compilePart(schema);
    const figure = fc.constantFrom<unknown>(0.2, 0.85, 1, 0, -0, -1, 1e-7, null, NaN, 2, '0.2', undefined);
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0.2, 1, 0, -0) }, figure)), (figures) => {
        const parsed = schema.safeParse(figures);
        expect(list.spell(figures)).toBe(parsed.success ? canonicalJson(parsed.data) : null);
        expect(list.takes(figures)).toBe(parsed.success);
      }),
      { numRuns: 2_000 },
    );
  });

  it('spells a fill at once as it spells it field by field, whatever its texts and figures', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\ud83d', 'a\udc00', '😀', '\\ud83d', '"\n'));
    const figure = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -0, 1, -1, 0.5, NaN, 2 ** 53));
    const overrides = fc.record(
      {
        ...{ execKey: text, venue: text, account: text, symbol: text, clientOrderId: fc.option(text) },
        ...{ direction: fc.constantFrom(1, -1, 0), quantity: figure, price: figure, fee: figure },
        ...{ at: figure, receivedAt: figure },
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(overrides, fc.boolean(), (given, isTurned) => {
        const fields = Object.entries({ ...aFill('E1'), ...given });
        const fill: unknown = Object.fromEntries(isTurned ? fields.toReversed() : fields);
        const record = { kind: 'fill', fill } as EventRecord;
        const spelt = spellRecord(record);
        expect(spelt).toBe(spelling(record));
        if (spelt !== null) expect(spelt).toBe(canonicalJson(eventRecordSchema.parse(record)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('spells a record, and nothing that is none', () => {
    const place = fc.array(fc.nat(20), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.constantFrom(...samples), place, foreign, (sample, steps, value) => {
        const given = altered(sample, steps, value) as EventRecord;
        expect(spellRecord(given)).toBe(spelling(given));
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes of an order what its schema takes as it is, and nothing else', () => {
    const { spell, takes: takesIt } = compilePart(orderSchema);
    const order = openOrder(someTerms(3), NOON);
    expect(takesIt(order)).toBe(true);
    expect(spell(order)).toBe(canonicalJson(order));
    const steps = fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(steps, foreign, (path, value) => {
        const given = altered(order, path, value);
        const read = orderSchema.safeParse(given);
        if (takesIt(given)) expect(read).toEqual({ success: true, data: given });
        const spelt = spell(given);
        if (spelt !== null) expect(spelt).toBe(canonicalJson(read.data));
      }),
      { numRuns: 2_000 },
    );
  });

  it('spells an event whatever the order of its fields, in more orders than are kept', () => {
    const event = events.decision(3);
    const expected = canonicalJson(event);
    const fields = Object.entries(event);
    fc.assert(
      fc.property(fc.shuffledSubarray(fields, { minLength: fields.length }), (order) => {
        const given = Object.fromEntries(order);
        expect([spelling(given), takes(given)]).toEqual([expected, true]);
        const [first = ''] = order[0] ?? [];
        const less = Object.fromEntries(order.slice(1));
        expect(eventRecordSchema.safeParse(less).success, first).toBe(false);
        expect([spelling(less), takes(less)]).toEqual([null, false]);
      }),
    );
  });

  it('takes of numbers, texts and lists within bounds exactly those the schema takes', () => {
    const kind = z.literal('x');
    const schemas = [
      z.number(),
      z.number().positive(),
      z.number().negative().max(-0.5),
      z.number().min(0).max(1).min(0.25),
      z.number().gt(-1).lt(1).nullable(),
      z.int().min(1),
      z.number().int(),
      z.string().min(1).max(3),
      z.string().regex(/^a/).regex(/b$/),
      z.array(z.number()).min(1).max(2),
      z.enum(['a', 'b']).nullable(),
      z.literal([1, 'a', null]),
      z.boolean(),
    ];
    const values = fc.oneof(
      fc.double(),
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom(-0.5, 0.25, 1e-320, 2 ** 53, Infinity, -Infinity, Number.MAX_VALUE, true, null, undefined),
      fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 }),
      fc.array(fc.constantFrom<unknown>(1, 2.5, NaN, 'a'), { maxLength: 3 }),
    );
    const taken = schemas.map((schema) => {
      const options = z.discriminatedUnion('kind', [z.strictObject({ kind, value: schema })]);
      const { spell, takes: takesIt } = compileSchema(options);
      let count = 0;
      fc.assert(
        fc.property(values, (value) => {
          const given = { kind: 'x', value };
          const spelt = spell(given);
          expect(takesIt(given)).toBe(spelt !== null);
          if (spelt === null) return;
          count += 1;
          expect(spelt).toBe(canonicalJson(options.parse(given)));
        }),
        { numRuns: 500 },
      );
      return count;
    });
    // z.int() is a check of its own, and left to the schema.
    expect(taken.map((count) => count > 0)).toEqual(schemas.map((schema) => !(schema instanceof z.ZodNumberFormat)));
  });

  it('leaves to the schema what it checks in another way, or makes another of', () => {
    const kind = z.literal('x');
    const schemas = [
      z.string().trim(),
      z.string().refine((text) => text !== ''),
      z.number().refine((n) => n > 1),
      z
        .number()
        .nullable()
        .refine((n) => n !== null),
      z.enum(['a', 'b']).refine((text) => text === 'a'),
      z.literal('a').refine(() => false),
      z.boolean().refine((is) => is),
      z.number().default(1),
      z.array(z.number()).refine((list) => list.length === 1),
      z.strictObject({ a: z.number() }).refine(({ a }) => a > 1),
      z.object({ a: z.number() }),
    ];
    for (const schema of schemas) {
      const { spell, takes: takesIt } = compileSchema(
        z.discriminatedUnion('kind', [z.strictObject({ kind, value: schema })]),
      );
      for (const value of ['a', 'b', '', 1, 2, true, [1], [], { a: 1 }, { a: 2 }]) {
        expect([spell({ kind: 'x', value }), takesIt({ kind: 'x', value })]).toEqual([null, false]);
      }
    }
  });

  it('leaves what is no event to the schema', () => {
    for (const value of [null, undefined, 1, 'x', [], {}, { kind: 'nothing' }, () => 1]) {
      expect([spelling(value), takes(value)]).toEqual([null, false]);
    }
  });
});
