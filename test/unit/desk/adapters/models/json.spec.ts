import { describe, expect, it } from 'vitest';
import { parseJson } from '#desk/adapters/models/json.ts';

describe('the text of an answer', () => {
  it('is read, with or without the mark that some programs begin their texts with', () => {
    expect(parseJson('{"pUp":0.6}')).toEqual({ ok: true, value: { pUp: 0.6 } });
    expect(parseJson('\u{FEFF}[1]')).toEqual({ ok: true, value: [1] });
  });

  it('is refused in words when it is no JSON, and leaves the traces of other errors as they were', () => {
    const refused = (text: string): string => {
      const read = parseJson(text);
      return !read.ok && read.error.code === 'not-json' ? read.error.what : 'taken';
    };
    const traced = Error.stackTraceLimit;
    expect(refused('<html>')).toBe('it begins with "<html>"');
    expect(refused(' ')).toBe('it is empty');
    expect(refused('{"pUp": NaN}')).toBe('it holds a bare NaN in field "pUp"');
    expect(refused('['.repeat(33))).toBe('it is nested more than 32 levels deep');
    expect(Error.stackTraceLimit).toBe(traced);
    expect(new Error('another').stack).toContain('json.spec.ts');
  });
});
