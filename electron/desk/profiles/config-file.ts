import type { z } from 'zod';
import { remedyOf } from '#desk/door/input-error.ts';

/** What is wrong with a configuration file: which field, what stands there, and what to do. */
export type FileIssue = { readonly field: string; readonly value: string; readonly remedy: string };

export const shown = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value).slice(0, 80));

/** What stands at a path of parsed JSON; undefined where nothing does. */
export function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    json,
  );
}

/** Said by zod where a schema brings no words of its own. */
const ITS_OWN = /^(Invalid input|Invalid option|Too small|Too big)\b/;

/** What a schema says itself; else what to give instead, for zod's own words are a programmer's. */
function inWords(issue: z.core.$ZodIssue): string {
  if (!ITS_OWN.test(issue.message) || issue.code === 'invalid_union') return issue.message;
  const remedy = remedyOf(issue).replace(/\.$/, '');
  return remedy.slice(0, 1).toLowerCase() + remedy.slice(1);
}

/** Returns the first thing a schema found wrong, in words. */
export function issueOf(json: unknown, issue: z.core.$ZodIssue | undefined): FileIssue {
  if (issue === undefined) return { field: '(file)', value: '', remedy: 'correct the file' };
  const isUnknown = issue.code === 'unrecognized_keys';
  const key = isUnknown ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  return {
    field: key.map(String).join('.') || '(file)',
    value: shown(valueAt(json, key)),
    remedy: isUnknown ? 'remove the key or correct its name' : inWords(issue),
  };
}
