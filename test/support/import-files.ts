import { readFileSync } from 'node:fs';
import type { SourceFile } from '#desk/imports/format.ts';

const FOLDER = new URL('../fixtures/imports/', import.meta.url);

/** A fixture of test/fixtures/imports as the room gets it, its byte order mark included. */
export const fixtureFile = (name: string): SourceFile => ({
  name,
  text: readFileSync(new URL(name, FOLDER), 'utf8'),
});

/** A file from its lines, ended as an export ends them. */
export const fileOf = (lines: readonly string[], name = 'export.csv'): SourceFile => ({
  name,
  text: `${lines.join('\r\n')}\r\n`,
});

/** A fixture with some of its text replaced; throws when the text to replace is not in it. */
export function edited(name: string, changes: Readonly<Record<string, string>>): SourceFile {
  const file = fixtureFile(name);
  const text = Object.entries(changes).reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`${name} does not hold ${from}`);
    return before.replaceAll(from, to);
  }, file.text);
  return { ...file, text };
}

export const utc = (iso: string): number => Date.parse(iso);
