import type { z } from 'zod';
import type { DeskErrorData } from '#shared/contract/errors.ts';

type Issue = z.core.$ZodIssue;
const MAX_VALUE_CHARS = 80;

/** Turns what zod found wrong with an input into one error: which field, what it was, and how to put it right. */
export function inputError(error: z.ZodError, input: unknown): DeskErrorData {
  const issue = deepest(error.issues[0]);
  if (issue === undefined) return plain('The input does not fit.', null);
  const field = fieldOf(issue);
  return {
    ...plain(`${field ?? 'The input'}: ${lowerFirst(issue.message)}`, field),
    value: holdsSecret(input) ? null : show(valueAt(input, issue.path)),
    remedy: remedyOf(issue),
  };
}

/** What is said of an input that brings a secret must not repeat any of it. */
const holdsSecret = (input: unknown): boolean =>
  typeof input === 'object' && input !== null && Object.hasOwn(input, 'secret');

const plain = (message: string, field: string | null): DeskErrorData => ({
  code: 'invalid-input',
  message,
  field,
  value: null,
  remedy: null,
  incident: null,
});

/** A union fails as a whole; the branch that got furthest names the field the caller meant. */
function deepest(issue: Issue | undefined): Issue | undefined {
  if (issue?.code !== 'invalid_union') return issue;
  const branches = issue.errors.map((errors) => errors[0]).filter((e) => e !== undefined);
  const best = branches.sort((a, b) => b.path.length - a.path.length)[0];
  return best === undefined || best.path.length === 0 ? issue : { ...best, path: [...issue.path, ...best.path] };
}

const fieldOf = (issue: Issue): string | null => {
  const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path, ...unknownKey].map(String).join('.');
  return path === '' ? null : path.slice(0, MAX_VALUE_CHARS);
};

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

/** What to give instead of what was found wrong. */
export function remedyOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `Give ${article(issue.expected)}.`;
    case 'too_small':
      return `Give at least ${issue.minimum}${unitOf(issue.origin)}.`;
    case 'too_big':
      return `Give at most ${issue.maximum}${unitOf(issue.origin)}.`;
    case 'invalid_value':
      return `Give one of: ${issue.values.map(String).join(', ')}.`;
    case 'unrecognized_keys':
      return 'Remove the unknown field, or check its spelling.';
    case 'not_multiple_of':
      return `Give a multiple of ${issue.divisor}.`;
    case 'invalid_format':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return 'Compare it with the schema of this operation.';
  }
}

const article = (name: string): string =>
  name === 'int' ? 'a whole number' : `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`;

const unitOf = (origin: string): string => (origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '');

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Shows a value as short text; null when there was none. */
function show(value: unknown): string | null {
  if (value === undefined) return null;
  // NaN, the infinities and bigints have no JSON of their own.
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  try {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) return typeof value;
    return text.length > MAX_VALUE_CHARS ? `${text.slice(0, MAX_VALUE_CHARS - 1)}…` : text;
  } catch {
    return typeof value;
  }
}
