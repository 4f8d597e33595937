import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { attachmentPath } from '#shared/domain/annotation.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { writeArchive } from '#desk/journal/archive.ts';
import { readArchive } from '#desk/journal/read-archive.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import { NOON, aBar, aDecision, aFill, aRoundTrip, anInstrument, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';

const recompute = () => aDecision();
const PICTURE = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.alloc(200_000, 7),
]);
const ATTACHMENT = {
  sha256: createHash('sha256').update(PICTURE).digest('hex'),
  mediaType: 'image/png',
  size: PICTURE.length,
} as const;

function keepPicture(folder: string): void {
  const path = join(folder, attachmentPath(ATTACHMENT));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, PICTURE);
}

/** A journal with something of everything: trades, a late fill, a correction, an import, words, a picture and bars. */
function aJournal(): SqliteJournal {
  const journal = mustOpen(join(temporaryFolder(), 'journal.db'));
  journal.append([at(NOON, events.opened()), at(NOON, events.instrument())]);
  for (let n = 1; n <= 70; n += 1) journal.append(aRoundTrip(n, epochMs(NOON + n * 100_000)));
  const trade = journal.trades({ limit: 1 })[0];
  if (trade === undefined) throw new Error('no trade was made');
  journal.append([at(NOON, events.fill(aFill('late', { at: epochMs(NOON - 50_000) })))]);
  journal.append([
    at(NOON, {
      kind: 'fill-correction',
      correction: {
        venue: 'paper',
        account: 'SIM1',
        execKey: 'late',
        version: 1,
        corrected: { direction: 1, quantity: 3, price: ticks(83_990), fee: money(46_000), at: epochMs(NOON - 40_000) },
        reason: 'price corrected by the exchange',
      },
    }),
    at(NOON, { kind: 'attachment', attachment: ATTACHMENT }),
    at(NOON, {
      kind: 'annotation',
      subject: { kind: 'trade', id: trade.id },
      body: {
        tags: ['opening drive', '=cmd'],
        setup: 'Pullback',
        mistakes: [],
        rating: 4,
        note: 'Ümläute, “quotes”,\nand a line',
        screenshots: [ATTACHMENT.sha256],
      },
      actor: 'trader',
    }),
    at(NOON, events.fill(aFill('i1', { account: 'imported:U1', venue: 'import:ibkr-flex' }))),
  ]);
  journal.appendBars(Array.from({ length: 700 }, (_, i) => aBar(epochMs(NOON + i * 60_000), { volume: i + 0.125 })));
  keepPicture(dirname(journal.path));
  return journal;
}

async function archived(journal: SqliteJournal, name = 'archive.gz'): Promise<string> {
  const path = join(temporaryFolder(), name);
  await writeArchive(journal, dirname(journal.path), createWriteStream(path));
  return path;
}

/** Every table of a journal, every row, every column, in one order. */
function dump(path: string): unknown {
  const database = new Database(path, { readonly: true });
  const tables = database
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1`)
    .pluck()
    .all()
    .filter((name) => !name.startsWith('texts_'));
  const rows = tables.map((table) => [
    table,
    database
      .prepare(`SELECT * FROM ${table}`)
      .all()
      .map((row) => JSON.stringify(row))
      .sort(),
  ]);
  database.close();
  return Object.fromEntries(rows);
}

const readFrom = (path: string, target: string) => readArchive(createReadStream(path), target, recompute);

/** An archive with its text changed, its end made to fit where `mend` says so. */
function changed(path: string, change: (lines: string[]) => readonly string[], mend = false): string {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  let text = `${change(lines).join('\n')}\n`;
  if (mend) {
    const body = text.slice(0, text.lastIndexOf('{"type":"end"'));
    const end = JSON.parse(text.slice(body.length)) as Record<string, unknown>;
    text = `${body}${JSON.stringify({ ...end, sha256: createHash('sha256').update(body).digest('hex') })}\n`;
  }
  const file = join(temporaryFolder(), 'changed.gz');
  writeFileSync(file, gzipSync(text));
  return file;
}

describe('an archive', () => {
  it('comes back as the same journal: head, events, derived tables, bars and pictures', async () => {
    const journal = aJournal();
    const target = join(temporaryFolder(), 'new', 'profile', 'journal.db');
    const read = await readFrom(await archived(journal), target);
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    expect(read.value.summary).toEqual({
      events: journal.lastSeq(),
      bars: 700,
      attachments: 1,
      missing: [],
      headHash: journal.headHash(),
    });
    expect(read.value.report).toMatchObject({
      isSound: true,
      findings: [],
      fills: 142,
      trades: journal.tradeCount({ origin: 'all' }),
    });
    const copy = mustOpen(target);
    expect(copy.headHash()).toBe(journal.headHash());
    expect(copy.verify(recompute)).toMatchObject({ isSound: true });
    expect(copy.search('Ümläute', 5)).toEqual(journal.search('Ümläute', 5));
    journal.checkpoint();
    expect(dump(target)).toEqual(dump(journal.path));
    expect(readFileSync(join(dirname(target), attachmentPath(ATTACHMENT))).equals(PICTURE)).toBe(true);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(target)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('goes on as a journal: what is appended to both gives the same head', async () => {
    const journal = aJournal();
    const target = join(temporaryFolder(), 'journal.db');
    expect((await readFrom(await archived(journal), target)).ok).toBe(true);
    const copy = mustOpen(target);
    for (const one of [journal, copy]) one.append(aRoundTrip(900, epochMs(NOON + 1e9)));
    expect(copy.headHash()).toBe(journal.headHash());
  });

  it('is the same bytes for the same journal, and lines that any program can read', async () => {
    const journal = aJournal();
    const [one, two] = [await archived(journal), await archived(journal)];
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
    const lines = gunzipSync(readFileSync(one)).toString('utf8').trimEnd().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ type: 'manifest', version: 1, events: journal.lastSeq() });
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ type: 'event', seq: 1, body: { kind: 'opened' } });
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'end', attachments: 1 });
  });

  it('of an empty journal is an empty journal', async () => {
    const journal = mustOpen(join(temporaryFolder(), 'journal.db'));
    const target = join(temporaryFolder(), 'journal.db');
    const read = await readFrom(await archived(journal), target);
    expect(read).toMatchObject({ ok: true, value: { summary: { events: 0, headHash: null } } });
  });

  it('holds one state while the journal is written on', async () => {
    const journal = aJournal();
    const [events_, head] = [journal.lastSeq(), journal.headHash()];
    const writing = archived(journal);
    journal.append([
      at(NOON, events.notice('meanwhile')),
      at(NOON, events.instrument({ ...anInstrument(), symbol: 'X' })),
    ]);
    const read = await readFrom(await writing, join(temporaryFolder(), 'journal.db'));
    expect(read).toMatchObject({ ok: true, value: { summary: { events: events_, headHash: head } } });
  });

  it('comes back though another engine would decide otherwise, and says so', async () => {
    const journal = aJournal();
    const other = () => aDecision({ contracts: 1 });
    const read = await readArchive(
      createReadStream(await archived(journal)),
      join(temporaryFolder(), 'journal.db'),
      other,
    );
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    expect(read.value.summary.headHash).toBe(journal.headHash());
    expect(read.value.report.isSound).toBe(false);
    expect(new Set(read.value.report.findings.map(({ check }) => check))).toEqual(new Set(['decisions']));
  });

  it('names a picture that is gone, and has all the rest', async () => {
    const journal = aJournal();
    writeFileSync(join(dirname(journal.path), attachmentPath(ATTACHMENT)), 'not the picture any more');
    const read = await readFrom(await archived(journal), join(temporaryFolder(), 'journal.db'));
    expect(read).toMatchObject({ ok: true, value: { summary: { attachments: 0, missing: [ATTACHMENT.sha256] } } });
  });
});

describe('an archive that is not whole', () => {
  /** Reads what must be refused; nothing may be left where the journal would have come. */
  async function refused(path: string): Promise<unknown> {
    const folder = join(temporaryFolder(), 'target');
    const read = await readFrom(path, join(folder, 'journal.db'));
    expect(existsSync(folder)).toBe(false);
    if (read.ok) throw new Error('it was read');
    expect(read.error.remedy).not.toBe('');
    return read.error;
  }

  it('is refused wherever it was cut', async () => {
    const path = await archived(aJournal());
    const bytes = readFileSync(path);
    for (const share of [0.001, 0.2, 0.5, 0.9, 0.9999]) {
      const cut = join(temporaryFolder(), 'cut.gz');
      writeFileSync(cut, bytes.subarray(0, Math.floor(bytes.length * share)));
      expect(await refused(cut), String(share)).toMatchObject({ code: 'truncated' });
    }
    expect(await refused(changed(path, (lines) => lines.slice(0, -1)))).toMatchObject({ code: 'truncated' });
    expect(await refused(changed(path, (lines) => lines.slice(0, 40)))).toMatchObject({ code: 'truncated' });
  });

  it('is refused with any of its bytes changed', async () => {
    const bytes = readFileSync(await archived(aJournal()));
    for (const share of [0.1, 0.4, 0.8]) {
      const copy = Buffer.from(bytes);
      const position = Math.floor(bytes.length * share);
      copy.writeUInt8(copy.readUInt8(position) ^ 0x55, position);
      const file = join(temporaryFolder(), 'flipped.gz');
      writeFileSync(file, copy);
      expect(['damaged', 'truncated']).toContain(((await refused(file)) as { code: string }).code);
    }
  });

  it('is refused when an event was changed, left out or put elsewhere, though the end was made to fit', async () => {
    const path = await archived(aJournal());
    const edits: readonly ((lines: string[]) => readonly string[])[] = [
      (lines) => lines.map((line, i) => (i === 9 ? line.replace(/"at":\d+,"hash"/, '"at":5,"hash"') : line)),
      (lines) => lines.map((line) => line.replace('"seed":7', '"seed":8')),
      (lines) => lines.filter((_, i) => i !== 5),
      (lines) => lines.map((line, i) => (i === 20 ? (lines[21] ?? '') : i === 21 ? (lines[20] ?? '') : line)),
      (lines) => lines.map((line) => line.replace('"kind":"opened"', '"kind":"opened","extra":1')),
      (lines) => lines.map((line, i) => (i === 7 ? '{"type":"mystery"}' : line)),
      (lines) => lines.filter((line) => !line.startsWith('{"type":"bar"')),
      (lines) => lines.map((line) => line.replace('"base64":"iVBO', '"base64":"AAAA')),
    ];
    for (const [i, edit] of edits.entries()) {
      expect(await refused(changed(path, edit, true)), `edit ${i}`).toMatchObject({ code: 'damaged' });
    }
    expect(
      await refused(changed(path, (lines) => lines.map((l) => l.replace('"volume":5.125', '"volume":6')))),
    ).toMatchObject({ code: 'damaged' });
  });

  it('is refused when it is none, or of a newer desk', async () => {
    const path = await archived(aJournal());
    const file = (content: Buffer | string): string => {
      const name = join(temporaryFolder(), 'some.gz');
      writeFileSync(name, content);
      return name;
    };
    expect(await refused(file('plain text'))).toMatchObject({ code: 'not-an-archive' });
    expect(await refused(file(gzipSync('something else\n')))).toMatchObject({ code: 'not-an-archive' });
    expect(await refused(file(gzipSync('{"type":"manifest"}\n')))).toMatchObject({ code: 'not-an-archive' });
    expect(await refused(file(''))).toMatchObject({ code: 'truncated' });
    const newer = changed(path, (lines) => lines.map((line) => line.replace('"version":1,', '"version":2,')));
    expect(await refused(newer)).toMatchObject({ code: 'newer-archive', found: 2, supported: 1 });
  });

  it('never takes the place of a journal, or of what is left of one', async () => {
    const path = await archived(aJournal());
    const folder = temporaryFolder();
    const target = join(folder, 'journal.db');
    for (const name of ['journal.db', 'journal.db-wal', 'journal.db.head']) {
      writeFileSync(join(folder, name), 'here');
      expect(await readFrom(path, target)).toMatchObject({ ok: false, error: { code: 'target-exists' } });
      expect(readdirSync(folder)).toContain(name);
      writeFileSync(join(folder, name), '');
    }
  });

  it('leaves nothing when its source fails', async () => {
    const folder = join(temporaryFolder(), 'target');
    const broken = new Readable({
      read() {
        this.destroy(Object.assign(new Error('the disk is gone'), { code: 'EIO' }));
      },
    });
    expect(await readArchive(broken, join(folder, 'journal.db'), recompute)).toMatchObject({
      ok: false,
      error: { code: 'not-an-archive' },
    });
    expect(existsSync(folder)).toBe(false);
  });
});
