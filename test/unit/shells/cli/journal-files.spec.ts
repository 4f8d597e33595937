import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeEach, describe, expect, it } from 'vitest';
import { attachmentPath } from '#shared/domain/annotation.ts';
import { epochMs } from '#shared/units.ts';
import { keepAttachment } from '#desk/records/attachments.ts';
import { run } from '#shells/cli/main.ts';
import { NOON, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';

type Ran = { readonly exit: number; readonly out: string; readonly err: string };

/** Runs a command line in this process. */
async function cli(...argv: readonly string[]): Promise<Ran> {
  const lines = { out: [] as string[], err: [] as string[] };
  const exit = await run(argv, {
    out: (text) => lines.out.push(text),
    err: (text) => lines.err.push(text),
    isTerminal: false,
  });
  return { exit, out: lines.out.join('\n'), err: lines.err.join('\n') };
}

const HEADER =
  'Instrument,Action,Quantity,Price,Time,ID,E/X,Position,Order ID,Name,Commission,Rate,Account,Connection,';
const row = (id: string, side: string, price: string, time: string): string =>
  `MNQ 12-26,${side},1,${price},12/15/2025 ${time},${id},Entry,1 L,o-${id},Entry,$0.62,1,Sim101,Sim`;
const FILLS = [HEADER, row('a1', 'Buy', '21000.25', '9:30:01 AM'), row('a2', 'Sell', '21010.25', '9:35:00 AM')];

let folder: string;
let journal: string;
const file = (name: string, lines: readonly string[]): string => {
  const target = path.join(folder, name);
  writeFileSync(target, lines.join('\r\n'));
  return target;
};

beforeEach(() => {
  folder = temporaryFolder();
  journal = path.join(folder, 'profiles', 'paper', 'journal.db');
  const opened = mustOpen(journal);
  opened.append([at(NOON, events.opened()), at(NOON, events.instrument())]);
  for (const n of [1, 2]) opened.append(aRoundTrip(n, epochMs(NOON + n * 100_000)));
  opened.close();
});

const ZONE = ['--time-zone', 'America/Chicago'] as const;
const stats = async (target = journal): Promise<Record<string, unknown>> =>
  JSON.parse((await cli('journal', 'stats', target, '--json')).out) as Record<string, unknown>;

describe('journal import', () => {
  it('shows a preview and writes nothing, then imports, then finds nothing to add', async () => {
    const fills = file('fills.csv', FILLS);
    const before = await stats();
    const preview = await cli('journal', 'import', fills, '--journal', journal, ...ZONE, '--preview');
    expect([preview.exit, preview.err]).toEqual([0, '']);
    for (const part of [
      'fills.csv',
      'NinjaTrader',
      'Sim101',
      'MNQ',
      '2025-12-15 15:30:01Z',
      '21,000.25',
      '$0.62',
      'line 2',
    ]) {
      expect(preview.out).toContain(part);
    }
    expect(preview.out).toMatch(/New executions\s+2\n/);
    expect(preview.out).toContain('Nothing was written.');
    expect(await stats()).toEqual(before);

    const imported = await cli('journal', 'import', fills, '--profile', 'paper', '--data', folder, ...ZONE);
    expect([imported.exit, imported.err]).toEqual([0, '']);
    expect(imported.out).toContain('Imported 2 executions; the imported accounts have 1 closed trade now.');
    const again = await cli('journal', 'import', fills, '--journal', journal, ...ZONE, '--json');
    expect(again.exit).toBe(0);
    expect(JSON.parse(again.out)).toMatchObject({
      preview: { known: 2, added: 0 },
      report: { added: 0, known: 2, trades: 1 },
    });
    expect((await cli('journal', 'import', fills, '--journal', journal, ...ZONE)).out).toContain('Nothing to add');
    expect((await cli('journal', 'verify', journal)).out).not.toContain('chain:');
  });

  it('says which option answers what the file leaves open', async () => {
    const asked = await cli('journal', 'import', file('fills.csv', FILLS), '--journal', journal);
    expect(asked.exit).toBe(2);
    expect(asked.out).toContain('answer with --time-zone …   (America/Chicago');
    expect(asked.out).toContain('Nothing was imported.');
    const unknown = file('own.csv', ['When;What;Count;At', '1;2;3;4']);
    const format = await cli('journal', 'import', unknown, '--journal', journal);
    expect(format.exit).toBe(2);
    expect(format.out).toContain('answer with --format …');
  });

  it('takes a mapping, contracts and instruments', async () => {
    const own = file('own.csv', [
      'When;What;Count;At',
      '2025-12-15T15:30:01Z;ACME;-3;12.34',
      '2025-12-15T15:31:00Z;NQ1!;1;21000',
    ]);
    const mapping = file('mapping.json', [
      JSON.stringify({
        account: null,
        symbol: 'What',
        side: null,
        quantity: 'Count',
        price: 'At',
        date: 'When',
        time: null,
        fees: [],
        executionId: null,
      }),
    ]);
    const argv = ['journal', 'import', own, '--journal', journal, '--mapping', mapping, '--account', 'A1'];
    const asked = await cli(...argv);
    expect(asked.exit).toBe(2);
    expect(asked.out).toContain('--instrument ACME=TICK:VALUE');
    expect(asked.out).toContain('--contract NQ1!=CONTRACT');
    const done = await cli(
      ...argv,
      '--instrument',
      'ACME=0.01:0.01',
      '--contract',
      'NQ1!=NQZ26',
      '--fee-per-contract',
      '0.5',
      '--json',
    );
    expect(done.exit, done.out).toBe(0);
    expect(JSON.parse(done.out)).toMatchObject({ report: { added: 2 } });
  });

  it('keeps a mapping under a name once a file came in by it, and takes it by that name', async () => {
    const own = (name: string, day: string): string =>
      file(name, ['When;What;Count;At', `${day}T15:30:01Z;NQZ26;1;21000`, `${day}T15:31:01Z;NQZ26;-1;21010`]);
    const columns = { account: null, symbol: 'What', side: null, quantity: 'Count', price: 'At', date: 'When' };
    const mapping = file('mapping.json', [JSON.stringify({ ...columns, time: null, fees: [], executionId: null })]);
    const terms = ['--journal', journal, '--account', 'A1', '--fee-per-contract', '0.5'];
    const saving = [...terms, '--mapping', mapping, '--save-mapping', 'mine'];
    expect((await cli('journal', 'import', own('one.csv', '2025-12-15'), ...saving, '--preview')).err).toBe('');
    const byName = [...terms, '--mapping', 'mine'];
    const unknown = await cli('journal', 'import', own('two.csv', '2025-12-16'), ...byName);
    expect(unknown.exit).toBe(2);
    expect(unknown.err).toContain('no mapping of this name');
    const first = await cli('journal', 'import', own('one.csv', '2025-12-15'), ...saving);
    expect([first.exit, first.err]).toEqual([0, 'The mapping is saved as mine.']);
    const second = await cli('journal', 'import', own('two.csv', '2025-12-16'), ...byName, '--json');
    expect([second.exit, second.err]).toEqual([0, '']);
    expect(JSON.parse(second.out)).toMatchObject({ report: { added: 2 } });
    for (const wrong of [
      ['--save-mapping', 'mine'],
      ['--mapping', mapping, '--save-mapping', ' '],
    ]) {
      const refused = await cli('journal', 'import', own('three.csv', '2025-12-17'), ...terms, ...wrong);
      expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining('--save-mapping')]);
    }
  });

  it('imports nothing of a file with a bad row, and says where it is', async () => {
    const before = await stats();
    const bad = await cli(
      'journal',
      'import',
      file('bad.csv', [...FILLS, row('a3', 'Buy', 'n/a', '9:40:00 AM')]),
      '--journal',
      journal,
      ...ZONE,
    );
    expect(bad.exit).toBe(1);
    expect(bad.out).toContain('1 row that cannot be imported');
    expect(bad.out).toMatch(/✗ line 4 .*n\/a/);
    await cli('journal', 'import', file('fills.csv', FILLS), '--journal', journal, ...ZONE);
    const other = file('other.csv', [HEADER, row('a1', 'Buy', '21000.50', '9:30:01 AM')]);
    const conflict = await cli('journal', 'import', other, '--journal', journal, ...ZONE);
    expect(conflict.exit).toBe(1);
    expect(conflict.out).toContain('1 row against the journal');
    expect(before['events']).toBe(22);
  });

  it.each([
    [['--contract', 'NQ1!'], /--contract NQ1!/],
    [['--instrument', 'ACME=1'], /--instrument ACME=1/],
    [['--instrument', 'ACME=0:5'], /--instrument ACME=0:5/],
    [['--fee-per-contract', '-1'], /--fee-per-contract.*0 to 1000/],
    [['--date-order', 'YMD'], /--date-order.*DMY, MDY/],
    [['--mapping', 'nope.json'], /--mapping nope\.json/],
    [['--account', ''], /--account/],
    [['--format', 'excel'], /--format.*excel/],
    [['--profile', 'live'], /--profile.*--journal/],
  ])('%j is exit code 2 and one line', async (more, message) => {
    const ran = await cli('journal', 'import', file('fills.csv', FILLS), '--journal', journal, ...more);
    expect([ran.exit, ran.out]).toEqual([2, '']);
    expect(ran.err.split('\n')).toHaveLength(1);
    expect(ran.err).toMatch(message);
  });

  it('makes no journal where there is none, and leaves one that a desk has open', async () => {
    const fills = file('fills.csv', FILLS);
    const missing = path.join(folder, 'misspelt.db');
    const none = await cli('journal', 'import', fills, '--journal', missing, ...ZONE);
    expect(none.exit).toBe(2);
    expect(none.err).toContain(`there is no journal at ${missing}`);
    expect(existsSync(missing)).toBe(false);
    const nothing = await cli('journal', 'import', path.join(folder, 'nope.csv'), '--journal', journal, ...ZONE);
    expect([nothing.exit, nothing.err]).toEqual([2, expect.stringContaining('nope.csv')]);

    const desk = mustOpen(journal);
    const inUse = await cli('journal', 'import', fills, '--journal', journal, ...ZONE);
    expect(inUse.exit).toBe(1);
    expect(inUse.err).toContain(`another desk has the journal ${journal} open`);
    const preview = await cli('journal', 'import', fills, '--journal', journal, ...ZONE, '--preview');
    expect(preview.exit).toBe(0);
    desk.close();
  });

  it('explains itself', async () => {
    const { exit, out } = await cli('journal', 'import', '--help');
    expect(exit).toBe(0);
    for (const part of ['--contract <SYMBOL=CONTRACT>', 'Exit codes:', 'adds each\nexecution once'])
      expect(out).toContain(part);
  });
});

describe('journal export', () => {
  it('writes trades, fills and decisions, and never over a file', async () => {
    await cli('journal', 'import', file('fills.csv', FILLS), '--journal', journal, ...ZONE);
    const desk = mustOpen(journal);
    for (const [what, count] of [
      ['trades', 2],
      ['fills', 4],
      ['decisions', 2],
    ] as const) {
      const out = path.join(folder, `own-${what}.csv`);
      const ran = await cli('journal', 'export', '--journal', journal, '--what', what, '--out', out);
      expect([ran.exit, ran.err]).toEqual([0, '']);
      expect(parse(readFileSync(out), { columns: true, record_delimiter: '\r\n' })).toHaveLength(count);
    }
    desk.close();
    const out = path.join(folder, 'all.json');
    const args = [
      'journal',
      'export',
      '--journal',
      journal,
      '--what',
      'trades',
      '--format',
      'json',
      '--origin',
      'all',
      '--out',
      out,
    ];
    expect((await cli(...args)).exit).toBe(0);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toHaveLength(3);
    const twice = await cli(...args);
    expect(twice.exit).toBe(2);
    expect(twice.err).toContain('there is a file of this name already');
    expect(JSON.parse(readFileSync(out, 'utf8'))).toHaveLength(3);
    const nowhere = await cli(...args.slice(0, -1), path.join(folder, 'no', 'such', 'folder.json'));
    expect([nowhere.exit, nowhere.err]).toEqual([2, expect.stringContaining('--out')]);
  });

  it('asks what to write and where', async () => {
    expect((await cli('journal', 'export', '--out', 'x')).err).toContain('--what');
    expect((await cli('journal', 'export', '--what', 'trades')).err).toContain('--out');
  });
});

const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('a chart')]);

/** Attaches a picture to the journal; returns its path below the folder of the journal. */
function attach(): string {
  const opened = mustOpen(journal);
  const kept = keepAttachment(path.dirname(journal), PNG);
  if (!kept.ok) throw new Error('the picture was not kept');
  opened.append([at(NOON, { kind: 'attachment', attachment: kept.value })]);
  opened.close();
  return attachmentPath(kept.value);
}

describe('journal archives', () => {
  it('come back as the same journal, pictures and all', async () => {
    const picture = attach();
    const archive = path.join(folder, 'journal.kellyjournal');
    const written = await cli('journal', 'export', '--journal', journal, '--what', 'archive', '--out', archive);
    expect([written.exit, written.err]).toEqual([0, '']);
    const target = path.join(folder, 'elsewhere', 'journal.db');
    const read = await cli('journal', 'import-archive', archive, '--journal', target, '--json');
    expect(read.exit, read.err).toBe(0);
    const before = await stats();
    expect(JSON.parse(read.out)).toMatchObject({ headHash: before['headHash'], attachments: 1, missing: [], fills: 4 });
    expect(await stats(target)).toEqual(before);
    expect(readFileSync(path.join(folder, 'elsewhere', picture)).equals(PNG)).toBe(true);
    // The decisions of this journal are made up.
    expect(read.err).toContain('another version');
  });

  it('are refused when they are cut, or when a journal is there', async () => {
    const archive = path.join(folder, 'journal.kellyjournal');
    await cli('journal', 'export', '--journal', journal, '--what', 'archive', '--out', archive);
    const there = await cli('journal', 'import-archive', archive, '--journal', journal);
    expect([there.exit, there.err]).toEqual([2, expect.stringContaining('there is a journal')]);
    truncateSync(archive, 500);
    const target = path.join(folder, 'new.db');
    const cut = await cli('journal', 'import-archive', archive, '--journal', target);
    expect([cut.exit, cut.err]).toEqual([2, expect.stringContaining('cut short')]);
    expect(existsSync(target)).toBe(false);
    const none = await cli('journal', 'import-archive', path.join(folder, 'nope.gz'), '--journal', target);
    expect([none.exit, none.err]).toEqual([2, expect.stringContaining('nope.gz')]);
  });
});

describe('journal backup and restore', () => {
  it('take the pictures along', async () => {
    const picture = attach();
    const backups = path.join(folder, 'backups');
    mkdirSync(backups);
    const backup = path.join(backups, 'journal.db');
    expect(await cli('journal', 'backup', journal, backup)).toMatchObject({ exit: 0, err: '' });
    expect(readFileSync(path.join(backups, picture)).equals(PNG)).toBe(true);
    const target = path.join(folder, 'restored', 'journal.db');
    expect(await cli('journal', 'restore', backup, target, '--yes')).toMatchObject({ exit: 0, err: '' });
    expect(readFileSync(path.join(folder, 'restored', picture)).equals(PNG)).toBe(true);
    writeFileSync(path.join(backups, picture), 'broken');
    const other = await cli('journal', 'restore', backup, path.join(folder, 'again', 'journal.db'), '--yes');
    expect(other.exit).toBe(0);
    expect(other.err).toContain('1 picture of annotations could not be found');
  });
});
