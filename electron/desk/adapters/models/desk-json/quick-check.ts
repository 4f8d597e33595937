import { z } from 'zod';
import { type OutputFields, type PredictAnswer, memberSchema, predictResponseSchema } from './wire.ts';

/** Whether a value is what its schema takes. */
type Check = (value: unknown) => boolean;

const isAnything: Check = () => true;
const isNumber: Check = Number.isFinite;
const isText: Check = (value) => typeof value === 'string';
const isShort =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'string' && value.length >= least && value.length <= most;
const isLeftOutOr =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || check(value);
const isAtLeastZero: Check = (value) => isNumber(value) && (value as number) >= 0;
const isPositive: Check = (value) => isNumber(value) && (value as number) > 0;

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first field, in the order of the checks, that is not what it should be; null when all are. */
function faultIn(checks: readonly (readonly [string, Check])[], value: Fields): string | null {
  for (let i = 0; i < checks.length; i += 1) {
    const entry = checks[i];
    if (entry?.[1](value[entry[0]]) === false) return entry[0];
  }
  return null;
}

const isOf = (shape: Readonly<Record<string, Check>>): Check => {
  const checks = Object.entries(shape);
  return (value) => isObject(value) && faultIn(checks, value) === null;
};

const TIME = z.regexes.datetime({ offset: true });
const isTime: Check = (value) => typeof value === 'string' && TIME.test(value);
const isClasses = isOf({ short: isNumber, neutral: isNumber, long: isNumber });
const isVersion: Check = (value) => isNumber(value) || isShort(1, 120)(value);

const OUTPUT: Readonly<Record<keyof OutputFields, Check>> = {
  probabilities: isLeftOutOr(isClasses),
  logits: isLeftOutOr(isClasses),
  pUp: isLeftOutOr(isNumber),
  direction: isLeftOutOr(isText),
  logitUp: isLeftOutOr(isNumber),
  confidence: isLeftOutOr(isNumber),
};

const MEMBER: Readonly<Record<keyof (typeof memberSchema)['shape'], Check>> = {
  name: isShort(1, 120),
  weight: isAtLeastZero,
  error: isAnything,
  ...OUTPUT,
};

const ANSWER: Readonly<Record<keyof (typeof predictResponseSchema)['shape'], Check>> = {
  schema: (value) => value === 1,
  requestId: isText,
  symbol: isText,
  asOf: isTime,
  generatedAt: isAnything,
  horizonBars: isLeftOutOr(isPositive),
  model: isOf({
    name: isShort(1, 120),
    version: isVersion,
    sha256: isLeftOutOr(isShort(0, 128)),
    featureSchema: isLeftOutOr(isShort(0, 120)),
  }),
  ...OUTPUT,
  members: isLeftOutOr((value) => Array.isArray(value) && value.length <= 1_000),
};

/** In the order of the schema: what is found wrong first is what it would name. */
const inOrder = (
  shape: Readonly<Record<string, z.ZodType>>,
  checks: Readonly<Record<string, Check>>,
): readonly (readonly [string, Check])[] => Object.keys(shape).map((field) => [field, checks[field] ?? isAnything]);

const ANSWER_CHECKS = inOrder(predictResponseSchema.shape, ANSWER);
const MEMBER_CHECKS = inOrder(memberSchema.shape, MEMBER);

/** Whether a member of an ensemble can be read, as `memberSchema` has it. */
export const isMember = (value: unknown): value is z.input<typeof memberSchema> =>
  isObject(value) && faultIn(MEMBER_CHECKS, value) === null;

/** An answer as it came, or what its schema says of the first field it does not take. */
export type Checked =
  | { readonly ok: true; readonly answer: PredictAnswer }
  | { readonly ok: false; readonly issue: Pick<z.core.$ZodIssue, 'path' | 'message'> | undefined };

/**
 * Checks an answer by hand, in the order of `predictResponseSchema`: a stranger may send many, and the schema takes ten
 * times as long. Only the words of a refusal are the schema's, asked of the one field that is at fault.
 */
export function checkAnswer(value: unknown): Checked {
  const fault = isObject(value) ? faultIn(ANSWER_CHECKS, value) : '';
  if (fault === null) return { ok: true, answer: value as PredictAnswer };
  const schema = (predictResponseSchema.shape as Readonly<Record<string, z.ZodType>>)[fault];
  if (schema === undefined || !isObject(value)) return { ok: false, issue: issueOf(predictResponseSchema, value) };
  const issue = issueOf(schema, value[fault]);
  return { ok: false, issue: issue === undefined ? undefined : { ...issue, path: [fault, ...issue.path] } };
}

/** The first thing a schema finds wrong, in its own words, without the error that it would be thrown as. */
function issueOf(schema: z.ZodType, value: unknown): z.core.$ZodIssue | undefined {
  const found = schema._zod.run({ value, issues: [] }, { async: false });
  const issue = found instanceof Promise ? undefined : found.issues[0];
  return issue === undefined ? undefined : z.core.util.finalizeIssue(issue, undefined, z.core.config());
}
