import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checkAnswer, isMember } from '#desk/adapters/models/desk-json/quick-check.ts';
import { memberSchema, predictResponseSchema } from '#desk/adapters/models/desk-json/wire.ts';

const ANSWER = {
  ...{ schema: 1, requestId: '01J9', symbol: 'NQZ26-CME', asOf: '2026-11-23T15:00:00.000Z', horizonBars: 5 },
  ...{ generatedAt: '2026-11-23T15:00:00.180Z', direction: 'short', confidence: 0.61, pUp: 0.4, logitUp: -1 },
  probabilities: { short: 0.61, neutral: 0.12, long: 0.27 },
  logits: { short: 1, neutral: 0, long: -1 },
  model: { name: 'ensemble', version: 14, sha256: 'ab', featureSchema: 'desk-1' },
  members: [{ name: 'forest', weight: 0.5, direction: 'short', confidence: 0.66 }, { error: 'no answer' }],
};
const MEMBER = { ...ANSWER, name: 'forest', weight: 0.5, error: null };

/** Values at and beyond each limit, of every type; `undefined` leaves the field out. */
const VALUES: readonly unknown[] = [
  ...[undefined, null, true, 0, 1, -0, -1, 2.5, 1e300, Infinity, -Infinity, NaN, '', 'x', 'x'.repeat(120)],
  ...['x'.repeat(121), 'x'.repeat(129), [], {}, [1], Array.from({ length: 1_001 }, () => null), '2026-02-30T00:00:00Z'],
  ...['2026-11-23T15:00:00+01:00', '2026-11-23', { short: 1, neutral: 2 }, { short: 1, neutral: 2, long: null }],
];
const value = fc.oneof(fc.constantFrom(...VALUES), fc.jsonValue());

const set = (target: object, field: string, to: unknown): object =>
  to === undefined
    ? Object.fromEntries(Object.entries(target).filter(([key]) => key !== field))
    : { ...target, [field]: to };
const changed = (base: object): fc.Arbitrary<object> =>
  fc
    .array(fc.tuple(fc.constantFrom(...Object.keys(base), '__proto__', 'other'), value), { minLength: 1, maxLength: 2 })
    .map((changes) => changes.reduce((made, [field, to]) => set(made, field, to), base));

const told = (checked: ReturnType<typeof checkAnswer>) =>
  checked.ok ? 'taken' : `${(checked.issue?.path ?? []).join('.')}: ${checked.issue?.message}`;
const schemaTold = (answer: unknown): string => {
  const issue = predictResponseSchema.safeParse(answer).error?.issues[0];
  return issue === undefined ? 'taken' : `${issue.path.join('.')}: ${issue.message}`;
};

describe('the quick check of an answer', () => {
  it('takes what the schema takes, and says of the rest what the schema says', () => {
    const answers = fc.oneof(
      changed(ANSWER),
      changed(ANSWER.model).map((model) => ({ ...ANSWER, model })),
      changed(ANSWER.logits).map((logits) => ({ ...ANSWER, logits })),
      value,
    );
    expect(told(checkAnswer(ANSWER))).toBe('taken');
    fc.assert(
      fc.property(answers, (answer) => {
        expect(told(checkAnswer(answer))).toBe(schemaTold(answer));
      }),
      { numRuns: 400 },
    );
    for (const field of Object.keys(predictResponseSchema.shape)) {
      for (const one of VALUES) {
        const answer = set(ANSWER, field, one);
        expect(told(checkAnswer(answer))).toBe(schemaTold(answer));
      }
    }
  });

  it('takes the members that their schema takes', () => {
    expect(isMember(MEMBER)).toBe(true);
    fc.assert(
      fc.property(fc.oneof(changed(MEMBER), value), (member) => {
        expect(isMember(member)).toBe(memberSchema.safeParse(member).success);
      }),
      { numRuns: 300 },
    );
  });
});
