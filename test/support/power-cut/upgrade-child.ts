import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from '#desk/journal/folders.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import { NOON, at, events } from '../journal-events.ts';

/**
 * A process that finds a journal of schema 1, safe on the disk, opens it as the desk does, and goes on writing. It
 * tells when the journal is there, when it is open, and each append. Argument: the folder.
 */
const [folder = ''] = process.argv.slice(2);
const path = join(folder, 'journal.db');
const tell = (text: string): void => void writeSync(1, `${text}\n`);

const bytes = readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'journal', 'schema-1.db'));
const file = openSync(path, 'w', 0o600);
for (let written = 0; written < bytes.length;)
  written += writeSync(file, bytes, written, bytes.length - written, written);
fsyncSync(file);
closeSync(file);
syncFolder(folder);
tell('there');

const opened = openJournal({ path });
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
tell('upgraded');
const journal = opened.value;
for (let n = 0; n < 3; n += 1) {
  for (const { seq, hash } of journal.append([
    at(NOON, events.annotation({ kind: 'trade', id: `t${n}` }, { note: `note ${n}` })),
  ])) {
    tell(`${seq} ${hash}`);
  }
}
journal.close();
