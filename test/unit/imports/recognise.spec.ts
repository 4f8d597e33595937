import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '#desk/imports/formats/index.ts';
import { IMPORT_FORMATS } from '#shared/domain/import.ts';
import { fixtureFile } from '#test/support/import-files.ts';

const FILES = readdirSync(new URL('../../fixtures/imports/', import.meta.url)).sort();

/** A fixture is named after its format, with a variant behind it: `topstep-trades-iso.csv`. */
const formatOf = (name: string): string =>
  IMPORT_FORMATS.find((format) => name === format || name.startsWith(`${format}.`) || name.startsWith(`${format}-`)) ??
  '';

describe('the format of a file', () => {
  it('has a reader and a fixture for each of the fourteen', () => {
    expect(FORMATS.map((reader) => reader.format).toSorted()).toEqual(IMPORT_FORMATS.toSorted());
    expect(new Set(FILES.map(formatOf))).toEqual(new Set(IMPORT_FORMATS));
  });

  it.each(FILES)('is recognised in %s, and no other format scores as high', (name) => {
    const scores = FORMATS.map((reader) => [reader.format, reader.recognise(fixtureFile(name))] as const);
    const own = scores.find(([format]) => format === formatOf(name))?.[1] ?? 0;
    if (formatOf(name) === 'generic') {
      expect(Math.max(...scores.map(([, score]) => score))).toBeLessThan(0.5);
      return;
    }
    expect(own).toBeGreaterThan(0.5);
    expect(scores.filter(([format, score]) => format !== formatOf(name) && score >= own)).toEqual([]);
  });

  it.each(['', '\n', 'PK\u0003\u0004 binary', '<html></html>', 'a,b,c\n1,2,3\n'])('is nobody’s in %j', (text) => {
    const best = Math.max(...FORMATS.map((reader) => reader.recognise({ name: 'x.csv', text })));
    expect(best).toBeLessThan(0.5);
  });

  it.each(FILES)('and no reader throws at half of %s', (name) => {
    const whole = fixtureFile(name);
    const half = { name, text: whole.text.slice(0, whole.text.length / 2) };
    for (const reader of FORMATS) expect(() => [reader.recognise(half), reader.read(half, {})]).not.toThrow();
  });
});
