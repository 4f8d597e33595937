import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServerFrame, serverFrameSchema } from '#shared/contract/frames.ts';

const CHANGES = {
  as: 'changes',
  topic: 'recommendation.changed',
  key: 'NQ',
  base: 4,
  set: [['state', 1]],
  unset: ['a'],
};
const WHOLE = { as: 'whole', topic: 'desk.pulse', payload: { now: 1 } };
const FRAME = { kind: 'events', seq: 5, events: [CHANGES, WHOLE] };

/** Values at and beyond what a field takes, of every type; `undefined` leaves the field out. */
const VALUES: readonly unknown[] = [
  ...[undefined, null, true, 0, 1, -0, -1, 2.5, 2 ** 53, 1e300, Infinity, NaN, '', 'whole', 'changes', 'events'],
  ...[
    [],
    {},
    [1],
    [[]],
    [['a']],
    [['a', 1]],
    [['a', 1, 2]],
    [[1, 1]],
    [null],
    ['a'],
    [WHOLE],
    [{ ...WHOLE, key: 'NQ' }],
  ],
];

const set = (target: object, field: string, to: unknown): object => {
  const others = Object.entries(target).filter(([name]) => name !== field);
  return Object.fromEntries(to === undefined ? others : [...others, [field, to]]);
};

const changed = (base: object): fc.Arbitrary<object> =>
  fc
    .array(fc.tuple(fc.constantFrom(...Object.keys(base), 'other'), fc.constantFrom(...VALUES)), { maxLength: 2 })
    .map((changes) => changes.reduce((made, [field, to]) => set(made, field, to), base));

const same = (frame: unknown): void => {
  const [read, judged] = [readServerFrame(frame), serverFrameSchema.safeParse(frame)];
  expect(read.success).toBe(judged.success);
  expect(read.data).toEqual(judged.data);
  expect(read.error?.issues).toEqual(judged.error?.issues);
};

describe('a frame of the desk as the page reads it', () => {
  it('is what the schema makes of it, whatever came', () => {
    for (const frame of [
      FRAME,
      { ...FRAME, events: [] },
      { kind: 'subscribed', seq: 1, isComplete: true },
      null,
      [FRAME],
    ]) {
      same(frame);
    }
    expect(readServerFrame(FRAME)).toEqual({ success: true, data: FRAME });
    for (const value of VALUES) {
      for (const event of [CHANGES, WHOLE]) {
        for (const field of [...Object.keys(event), 'other']) same({ ...FRAME, events: [set(event, field, value)] });
      }
      for (const field of [...Object.keys(FRAME), 'other']) same(set(FRAME, field, value));
    }
    fc.assert(
      fc.property(
        changed(FRAME),
        fc.array(fc.oneof(changed(CHANGES), changed(WHOLE)), { maxLength: 3 }),
        (frame, events) => {
          same(frame);
          same({ ...frame, events });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is refused with a field that no object has of its own', () => {
    for (const event of [CHANGES, WHOLE]) {
      const text = JSON.stringify({ ...FRAME, events: [event] }).replace('"topic"', '"__proto__"');
      same(JSON.parse(text));
      expect(readServerFrame(JSON.parse(text)).success).toBe(false);
    }
  });
});
