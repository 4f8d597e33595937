import { err, ok } from '#shared/result.ts';
import type { ForecastError } from './error.ts';
import type { Read } from './output.ts';

/** Lists and objects within one another that an answer may have: what walks through it may recurse. */
const MAX_DEPTH = 32;

/** Some programs begin their texts with this mark. */
const BYTE_ORDER_MARK = '\u{FEFF}';

/** Parses the text of an answer. @errors 'not-json', with what it is instead and what to do */
export function parseJson(text: string): Read<unknown> {
  if (isTooDeep(text)) {
    const what = `it is nested more than ${MAX_DEPTH} levels deep`;
    return err({ code: 'not-json', what, remedy: 'Check that the address is a prediction service.' });
  }
  const traced = Error.stackTraceLimit;
  try {
    // A text that is no JSON is an expected answer: where it was parsed is of no use, and half of what it costs to say no.
    Error.stackTraceLimit = 0;
    return ok(JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text) as unknown);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return err(notJson(text));
  } finally {
    Error.stackTraceLimit = traced;
  }
}

/** How many of a bracket a text holds, as far as that matters. */
function countOf(text: string, bracket: string): number {
  let count = 0;
  for (let at = text.indexOf(bracket); at !== -1 && count <= MAX_DEPTH; at = text.indexOf(bracket, at + 1)) count += 1;
  return count;
}

/** Counts brackets outside of strings, where there are enough of them at all. */
function isTooDeep(text: string): boolean {
  if (countOf(text, '{') + countOf(text, '[') <= MAX_DEPTH) return false;
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (isInString) {
      if (char === '\\') i += 1;
      else if (char === '"') isInString = false;
    } else if (char === '"') isInString = true;
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/** A bare number that JSON has not, behind the name of its field where it has one. */
const bareNumber = (text: string): RegExpExecArray | null =>
  /"([^"\\]{1,60})"\s*:\s*\[{0,3}\s*(-?(?:NaN|Infinity))\b/u.exec(text) ?? /()(-?\b(?:NaN|Infinity))\b/u.exec(text);

/** Python's json module writes bare NaN and Infinity unless told not to: the usual reason, so it is named. */
function notJson(text: string): ForecastError {
  const bare = text.includes('NaN') || text.includes('Infinity') ? bareNumber(text) : null;
  if (bare !== null && /^[[{]/u.test(text.trimStart())) {
    const where = bare[1] === '' ? '' : ` in field "${bare[1] ?? ''}"`;
    return {
      code: 'not-json',
      what: `it holds a bare ${bare[2] ?? 'NaN'}${where}`,
      remedy: 'JSON has no such number: the service must fail the ask instead of sending it.',
    };
  }
  const start = text.trim() === '' ? 'it is empty' : `it begins with "${text.trim().slice(0, 60)}"`;
  return { code: 'not-json', what: start, remedy: 'Check that the address is a prediction service.' };
}
