import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '#desk/imports/formats/index.ts';
import { IMPORT_FORMATS } from '#shared/domain/import.ts';
import { readImport } from '#desk/imports/read-import.ts';
import { fileOf, fixtureFile } from '#test/support/import-files.ts';

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

describe('a statement of Interactive Brokers in another language', () => {
  const GERMAN = [
    'Statement,Header,Feldname,Feldwert',
    'Statement,Data,BrokerName,Interactive Brokers',
    'Statement,Data,Titel,Umsatzübersicht',
    'Kontoinformation,Header,Feldname,Feldwert',
    'Transaktionen,Header,DataDiscriminator,Vermögenswertkategorie,Währung,Symbol,Datum/Zeit,Menge',
    'Transaktionen,Data,Order,Futures,USD,MESU6,"2026-08-04, 07:01:59",1',
  ];

  it.each([{}, { format: 'ibkr-activity' as const }])('is told as such, with what to do (options %j)', (options) => {
    const read = readImport(fileOf(GERMAN), options);
    expect(read.executions).toEqual([]);
    expect(read.errors[0]?.message).toBe('this is an Interactive Brokers statement in another language than English');
    expect(read.errors[0]?.remedy).toContain('set the language of the statement to English');
  });
});
