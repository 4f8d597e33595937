import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeskErrorData } from '#shared/contract/errors.ts';
import { DeskError } from '#shared/contract/errors.ts';
import { contract } from '#shared/contract/index.ts';
import { UPLOAD_PART_BYTES } from '#shared/contract/journal-operations.ts';
import type { Handlers, InputOf, OperationName, OutputOf, TopicName } from '#shared/contract/index.ts';
import { attachmentPath } from '#shared/domain/annotation.ts';
import type { ImportOptions } from '#shared/domain/import.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { createJournalHandlers, type JournalHandlers, MOST_BESIDE_EXPOSURE } from '#desk/records/journal-handlers.ts';
import { serve } from '#desk/serve.ts';
import { NOON, aDecision, aFill, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';

const ZONE = { timeZone: 'America/Chicago' } as const;
const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(300_000, 3)]);

type Told = { readonly topic: TopicName; readonly payload: unknown };
let journal: SqliteJournal;
let operations: JournalHandlers;
let told: Told[];
let isReady: boolean;

function open(): void {
  const clock = createClock(epochMs(NOON + 10_000_000));
  told = [];
  isReady = true;
  operations = createJournalHandlers({
    journal,
    clock,
    ids: createIds(clock),
    publish: (topic, payload) => void told.push({ topic, payload }),
    profile: 'paper',
    mustBeReady: () => {
      if (!isReady) throw new DeskError({ code: 'not-ready', message: 'the desk is not ready' });
    },
  });
}

beforeEach(() => {
  journal = temporaryJournal();
  const opened = { ...events.opened(), kind: 'opened', profile: 'paper', mode: 'paper' } as JournalEventOf<'opened'>;
  journal.append([at(NOON, opened), at(NOON, events.instrument())]);
  open();
});
afterEach(() => operations.close());

/** Asks as a shell does: through the door that parses and checks, and through JSON as every wire does. */
async function call<N extends OperationName>(op: N, input: InputOf<N>): Promise<OutputOf<N>> {
  const reply = await serve(operations.handlers as Handlers, op, input, ({ cause }) => {
    throw cause;
  });
  if (!reply.ok) throw new Error(`${op}: ${JSON.stringify(reply.error)}`);
  expect(JSON.parse(JSON.stringify(reply.output))).toEqual(reply.output);
  return contract[op].output.parse(reply.output) as OutputOf<N>;
}

async function refusal<N extends OperationName>(op: N, input: InputOf<N>): Promise<DeskErrorData> {
  const reply = await serve(operations.handlers as Handlers, op, input);
  if (reply.ok) throw new Error(`${op} was not refused`);
  expect(reply.error.code, reply.error.message).not.toBe('internal');
  return reply.error;
}

async function upload(content: string | Buffer, fileName = 'executions.csv'): Promise<string> {
  const bytes = Buffer.from(content);
  const { uploadId } = await call('upload.begin', { fileName, size: bytes.length });
  for (let offset = 0; offset < bytes.length; offset += UPLOAD_PART_BYTES) {
    const base64 = bytes.subarray(offset, offset + UPLOAD_PART_BYTES).toString('base64');
    await call('upload.append', { uploadId, offset, base64 });
  }
  return uploadId;
}

async function download(input: InputOf<'download.begin'>) {
  const { downloadId, ...about } = await call('download.begin', input);
  const parts: Buffer[] = [];
  for (let offset = 0, isLast = false; !isLast;) {
    const part = await call('download.read', { downloadId, offset });
    parts.push(Buffer.from(part.base64, 'base64'));
    ({ nextOffset: offset, isLast } = part);
  }
  const bytes = Buffer.concat(parts);
  expect(bytes).toHaveLength(about.size);
  return { ...about, bytes };
}

type Execution = { id: string; side: 'Buy' | 'Sell'; price: string; time: string; symbol?: string; quantity?: number };

const HEADER =
  'Instrument,Action,Quantity,Price,Time,ID,E/X,Position,Order ID,Name,Commission,Rate,Account,Connection,';
/** A NinjaTrader executions export. */
const ninja = (rows: readonly Execution[], account = 'Sim101'): string =>
  [
    HEADER,
    ...rows.map(
      ({ id, side, price, time, symbol = 'MNQ 12-26', quantity = 1 }) =>
        `${symbol},${side},${quantity},${price},12/15/2025 ${time},${id},Entry,1 L,o-${id},Entry,$0.62,1,${account},Sim`,
    ),
  ].join('\r\n');

const ROWS: readonly Execution[] = [
  { id: 'a1', side: 'Buy', price: '21000.25', time: '9:30:01 AM', quantity: 2 },
  { id: 'a2', side: 'Sell', price: '21010.25', time: '9:35:00 AM' },
  { id: 'a3', side: 'Sell', price: '20990.00', time: '9:40:00 AM' },
  { id: 'a4', side: 'Buy', price: '21001.00', time: '9:45:00 AM' },
];

const importFile = async (content: string, options: ImportOptions = ZONE, name?: string) =>
  call('journal.import', { uploadId: await upload(content, name), options });
const previewOf = async (content: string, options: ImportOptions = ZONE) =>
  call('journal.importPreview', { uploadId: await upload(content), options });

describe('importing', () => {
  it('shows what it would do and writes nothing', async () => {
    const before = journal.headHash();
    const preview = await previewOf(ninja(ROWS));
    expect(preview).toMatchObject({
      format: 'ninjatrader-executions',
      rows: 4,
      added: 4,
      known: 0,
      questions: [],
      errorCount: 0,
      conflictCount: 0,
      accounts: ['Sim101'],
      from: Date.parse('2025-12-15T15:30:01Z'),
      to: Date.parse('2025-12-15T15:45:00Z'),
      canImport: true,
    });
    expect(preview.sample.map(({ price, tickSize }) => price * (tickSize ?? 0))).toEqual([
      21000.25, 21010.25, 20990, 21001,
    ]);
    expect(journal.headHash()).toBe(before);
  });

  it('writes fills of an account of its own, and the trades they make', async () => {
    const report = await importFile(ninja(ROWS));
    expect(report).toMatchObject({ added: 4, known: 0, trades: 2 });
    expect(await call('journal.accounts', {})).toEqual(['imported:Sim101']);
    const { trades, total } = await call('journal.trades', { filter: { origin: 'imported' }, limit: 10, offset: 0 });
    expect(total).toBe(2);
    // Two lots of the micro: +10 points and −10.25 points at $2, 62 cents an execution.
    expect(trades.map(({ net }) => net).sort((a, b) => a - b)).toEqual([-214_300, 190_700]);
    expect(trades[0]).toMatchObject({ account: 'imported:Sim101', isImported: true, root: 'MNQ', tickSize: 0.25 });
    expect((await call('journal.trades', { limit: 10, offset: 0 })).total).toBe(0);
    expect(journal.openLots()).toEqual([]);
    const [fill] = journal.fills({ origin: 'imported' });
    expect(fill).toMatchObject({ venue: 'import:ninjatrader-executions', execKey: 'a1', clientOrderId: null });
    expect(told.map(({ topic }) => topic)).toEqual(['journal.changed']);
    expect(journal.verify(() => aDecision())).toMatchObject({ isSound: true });
  });

  it('adds nothing the second time, and only the new rows of a file that overlaps', async () => {
    const first = await importFile(ninja(ROWS));
    const head = journal.headHash();
    expect(await importFile(ninja(ROWS), ZONE, 'again.csv')).toMatchObject({
      importId: first.importId,
      added: 0,
      known: 4,
      trades: 2,
    });
    expect(journal.headHash()).toBe(head);
    const later = [...ROWS.slice(2), { id: 'a5', side: 'Sell', price: '21002.00', time: '9:50:00 AM' } as const];
    expect(await importFile(ninja(later))).toMatchObject({ added: 1, known: 2 });
    expect(await call('journal.imports', {})).toMatchObject([
      { added: 1, known: 2, fileName: 'executions.csv', format: 'ninjatrader-executions' },
      { added: 4, known: 0, importId: first.importId },
    ]);
  });

  it('takes one upload twice at once as one import', async () => {
    const uploadId = await upload(ninja(ROWS));
    const both = await Promise.all([1, 2].map(() => call('journal.import', { uploadId, options: ZONE })));
    expect(both.map(({ added }) => added).sort()).toEqual([0, 4]);
    expect(journal.fills({ origin: 'imported' })).toHaveLength(4);
  });

  it('never overwrites what is journaled with other values', async () => {
    await importFile(ninja(ROWS));
    const head = journal.headHash();
    const content = ninja([{ ...(ROWS[0] as Execution), price: '21000.50' }, ...ROWS.slice(1)]);
    const preview = await previewOf(content);
    expect(preview).toMatchObject({ canImport: false, conflictCount: 1, added: 0, known: 3 });
    expect(preview.conflicts[0]).toMatchObject({ line: 2, field: 'price', value: '21,000.50' });
    expect(preview.conflicts[0]?.message).toContain('21,000.25');
    const error = await refusal('journal.import', { uploadId: await upload(content), options: ZONE });
    expect(error).toMatchObject({ code: 'refused' });
    expect(error.message).toContain('line 2');
    const elsewhere = await previewOf(ninja(ROWS), { timeZone: 'America/New_York' });
    expect(elsewhere).toMatchObject({ canImport: false, conflictCount: 4, added: 0 });
    expect(elsewhere.conflicts[0]).toMatchObject({ field: 'time' });
    expect(journal.headHash()).toBe(head);
  });

  it('knows an execution again that came from another kind of file', async () => {
    await importFile(ninja(ROWS));
    const mapping = {
      account: 'Account',
      symbol: 'Symbol',
      side: 'Side',
      quantity: 'Qty',
      price: 'Price',
      date: 'When',
      time: null,
      fees: [],
      executionId: 'Id',
    };
    const lines = (account: string) =>
      ['Account,Symbol,Side,Qty,Price,When,Id', `${account},MNQZ26,Buy,2,21000.25,2025-12-15T15:30:01Z,z1`].join('\n');
    const twin = await previewOf(lines('Sim101'), { mapping });
    expect(twin).toMatchObject({ added: 1, conflictCount: 1, canImport: false, errors: [], questions: [] });
    expect(twin.conflicts[0]?.message).toContain('already imported from ninjatrader-executions');
    expect(await previewOf(lines('Other'), { mapping })).toMatchObject({ conflictCount: 0, canImport: true });
  });

  it('knows an execution again that the desk itself made, and leaves the own account as it is', async () => {
    const symbol = (await previewOf(ninja(ROWS))).symbols[0] ?? '';
    const own = aFill('own', {
      symbol,
      quantity: 2,
      price: ticks(84_001),
      at: epochMs(Date.parse('2025-12-15T15:30:01.250Z')),
    });
    journal.append([at(NOON, events.fill(own))]);
    const lots = journal.openLots();
    const preview = await previewOf(ninja(ROWS, 'SIM1'));
    expect(preview.conflicts).toMatchObject([{ line: 2, message: 'already journaled by this desk itself as own' }]);
    expect(await importFile(ninja(ROWS, 'Another'))).toMatchObject({ added: 4 });
    expect(journal.openLots()).toEqual(lots);
    expect(journal.netOfTrades()).toBe(money(0));
    const reserved = await previewOf(ninja(ROWS, 'imported:SIM1'));
    expect(reserved).toMatchObject({ canImport: false, errorCount: 4 });
  });

  it('asks what the file does not say, and imports nothing until it is told', async () => {
    const preview = await previewOf(ninja(ROWS), {});
    expect(preview).toMatchObject({ canImport: false, questions: [{ field: 'timeZone' }] });
    const error = await refusal('journal.import', { uploadId: await upload(ninja(ROWS)), options: {} });
    expect(error).toMatchObject({ code: 'refused', field: 'timeZone' });
  });

  it('imports nothing of a file with a row it cannot read', async () => {
    const head = journal.headHash();
    const content = ninja([...ROWS, { id: 'a9', side: 'Buy', price: 'n/a', time: '9:55:00 AM' }]);
    expect(await previewOf(content)).toMatchObject({ canImport: false, errorCount: 1 });
    expect((await refusal('journal.import', { uploadId: await upload(content), options: ZONE })).message).toContain(
      'line 6',
    );
    expect(await refusal('journal.import', { uploadId: await upload(''), options: ZONE })).toMatchObject({
      code: 'refused',
    });
    expect(journal.headHash()).toBe(head);
  });

  it('does not take a symbol for a contract with another tick', async () => {
    const { symbols } = await previewOf(ninja(ROWS));
    journal.append([at(NOON, events.instrument({ symbol: symbols[0] ?? '', root: 'MNQ', tickValue: money(1) }))]);
    const preview = await previewOf(ninja(ROWS));
    expect(preview).toMatchObject({ canImport: false, errorCount: 1, errors: [{ line: 2, field: 'symbol' }] });
  });

  it('does not import the same file with other answers on top', async () => {
    const content = ['Symbol,Side,Qty,Price,When', 'MNQZ26,Buy,2,21000.25,2025-12-15T15:30:01Z'].join('\n');
    const mapping = {
      account: null,
      symbol: 'Symbol',
      side: 'Side',
      quantity: 'Qty',
      price: 'Price',
      date: 'When',
      time: null,
      fees: [],
      executionId: null,
    };
    await importFile(content, { mapping, account: 'A' });
    const again = await previewOf(content, { mapping, account: 'B' });
    expect(again).toMatchObject({ canImport: false, conflicts: [{ field: 'file' }] });
    expect(again.conflicts[0]?.message).toContain('account A');
  });

  it('does not keep a desk with open positions at a venue busy', async () => {
    journal.append([at(NOON, events.fill(aFill('open')))]);
    const many = Array.from({ length: MOST_BESIDE_EXPOSURE + 1 }, (_, i): Execution => ({
      id: `m${i}`,
      side: i % 2 === 0 ? 'Buy' : 'Sell',
      price: '21000.25',
      time: `${9 + Math.floor(i / 3600)}:${String(Math.floor(i / 60) % 60).padStart(2, '0')}:${String(i % 60).padStart(2, '0')} AM`,
    }));
    expect((await refusal('journal.import', { uploadId: await upload(ninja(many)), options: ZONE })).message).toContain(
      '1001',
    );
    expect(await importFile(ninja(many.slice(1)))).toMatchObject({ added: MOST_BESIDE_EXPOSURE });
  });

  it('lets the desk go on while a large file is read and compared', async () => {
    const many = Array.from({ length: 20_000 }, (_, i): Execution => {
      const minutes = String(Math.floor(i / 60) % 60).padStart(2, '0');
      const time = `${1 + Math.floor(i / 3600)}:${minutes}:${String(i % 60).padStart(2, '0')} PM`;
      return { id: `m${i}`, side: i % 2 === 0 ? 'Buy' : 'Sell', price: '21000.25', time };
    });
    const uploadId = await upload(ninja(many));
    let turns = 0;
    let isDone = false;
    const turn = (): void => {
      turns += 1;
      if (!isDone) setTimeout(turn, 1);
    };
    turn();
    const preview = await call('journal.importPreview', { uploadId, options: ZONE });
    isDone = true;
    expect(preview).toMatchObject({ added: 20_000, errorCount: 0, canImport: true });
    // Read in this thread it would be a handful.
    expect(turns).toBeGreaterThan(50);
    expect(await call('journal.import', { uploadId, options: ZONE })).toMatchObject({ added: 20_000, trades: 10_000 });
    expect(await call('journal.import', { uploadId, options: ZONE })).toMatchObject({ added: 0, known: 20_000 });
  });

  it('waits until the desk is ready, and says what became of an upload', async () => {
    const uploadId = await upload(ninja(ROWS));
    isReady = false;
    expect(await refusal('journal.import', { uploadId, options: ZONE })).toMatchObject({ code: 'not-ready' });
    isReady = true;
    expect(await refusal('journal.import', { uploadId: 'nope', options: ZONE })).toMatchObject({
      code: 'not-found',
      field: 'uploadId',
    });
  });

  it('keeps column mappings under their names until they are forgotten', async () => {
    const mapping = {
      account: null,
      symbol: 'S',
      side: null,
      quantity: 'Q',
      price: 'P',
      date: 'D',
      time: 'T',
      fees: ['F'],
      executionId: null,
    };
    await call('journal.saveMapping', { name: 'Broker', mapping });
    await call('journal.saveMapping', { name: 'A bank', mapping });
    await call('journal.saveMapping', { name: 'Broker', mapping: { ...mapping, fees: [] } });
    expect(await call('journal.mappings', {})).toEqual([
      { name: 'A bank', mapping },
      { name: 'Broker', mapping: { ...mapping, fees: [] } },
    ]);
    await call('journal.saveMapping', { name: 'A bank', mapping: null });
    const head = journal.headHash();
    await call('journal.saveMapping', { name: 'never there', mapping: null });
    expect(journal.headHash()).toBe(head);
    expect((await call('journal.mappings', {})).map(({ name }) => name)).toEqual(['Broker']);
  });
});

const WORDS = {
  tags: ['Opening'],
  setup: 'Pullback',
  mistakes: ['late'],
  rating: 4,
  note: '=1+1 is a formula',
  screenshots: [],
};

describe('annotating', () => {
  beforeEach(() => {
    for (const n of [1, 2]) journal.append(aRoundTrip(n, epochMs(NOON + n * 100_000)));
  });

  it('keeps words on a trade and on a recommendation, and shows them where they belong', async () => {
    const { trades } = await call('journal.trades', { limit: 10, offset: 0 });
    const id = trades[0]?.id ?? '';
    const written = await call('journal.annotate', { subject: { kind: 'trade', id }, body: WORDS });
    expect(written).toMatchObject({ subject: { kind: 'trade', id }, rating: 4 });
    await call('journal.annotate', { subject: { kind: 'recommendation', id: 'R1' }, body: { ...WORDS, tags: [] } });
    expect(await call('journal.annotation', { subject: { kind: 'trade', id } })).toEqual(written);
    const tagged = await call('journal.trades', { filter: { tag: 'Opening' }, limit: 10, offset: 0 });
    expect(tagged.trades.map((trade) => [trade.id, trade.annotation?.note])).toEqual([[id, WORDS.note]]);
    expect(await call('journal.labels', {})).toMatchObject({ tags: [{ label: 'Opening', count: 1 }] });
    expect(await call('journal.search', { text: 'formula', limit: 5 })).toHaveLength(2);
    expect(told.map(({ topic }) => topic)).toEqual(['journal.changed', 'journal.changed']);
  });

  it('refuses words on what is not there, and pictures that are not', async () => {
    const head = journal.headHash();
    for (const subject of [
      { kind: 'trade', id: 'SIM1|NQZ26-CME|E1|X9|0' },
      { kind: 'trade', id: 'x' },
      { kind: 'recommendation', id: 'R9' },
    ] as const) {
      expect(await refusal('journal.annotate', { subject, body: WORDS })).toMatchObject({
        code: 'not-found',
        field: 'subject.id',
      });
    }
    const body = { ...WORDS, screenshots: ['0'.repeat(64)] };
    const subject = { kind: 'recommendation', id: 'R1' } as const;
    expect(await refusal('journal.annotate', { subject, body })).toMatchObject({ field: 'body.screenshots' });
    isReady = false;
    expect(await refusal('journal.annotate', { subject, body: WORDS })).toMatchObject({ code: 'not-ready' });
    expect(journal.headHash()).toBe(head);
  });

  it('keeps a picture beside the journal, once, and hands it back checked', async () => {
    const attachment = await call('journal.attach', { uploadId: await upload(PNG, 'chart.png') });
    expect(attachment).toEqual({
      sha256: createHash('sha256').update(PNG).digest('hex'),
      mediaType: 'image/png',
      size: PNG.length,
    });
    const events_ = journal.lastSeq();
    expect(await call('journal.attach', { uploadId: await upload(PNG, 'again.png') })).toEqual(attachment);
    expect(journal.lastSeq()).toBe(events_);
    const body = { ...WORDS, screenshots: [attachment.sha256] };
    await call('journal.annotate', { subject: { kind: 'recommendation', id: 'R2' }, body });
    const read = await call('journal.attachment', { sha256: attachment.sha256 });
    expect(Buffer.from(read.base64, 'base64').equals(PNG)).toBe(true);

    const path = join(dirname(journal.path), attachmentPath(attachment));
    writeFileSync(path, Buffer.concat([PNG, Buffer.from('x')]));
    expect(await refusal('journal.attachment', { sha256: attachment.sha256 })).toMatchObject({ code: 'not-found' });
    rmSync(path);
    expect((await refusal('journal.attachment', { sha256: attachment.sha256 })).message).toContain('is gone');
    expect(await refusal('journal.attachment', { sha256: '0'.repeat(64) })).toMatchObject({ code: 'not-found' });
    const text = await upload('<svg/>', 'chart.svg');
    expect(await refusal('journal.attach', { uploadId: text })).toMatchObject({
      code: 'invalid-input',
      value: 'chart.svg',
    });
  });
});

describe('reading', () => {
  it('answers sums, days and decisions by the contract', async () => {
    for (const n of [1, 2, 3]) journal.append(aRoundTrip(n, epochMs(NOON + n * 100_000)));
    const summary = await call('journal.summary', {});
    expect(summary.all).toMatchObject({ count: 3, wins: 3, losses: 0 });
    expect(await call('journal.calendar', { filter: { symbol: 'NQZ26-CME' } })).toMatchObject([{ trades: 3 }]);
    const decisions = await call('journal.decisions', { limit: 2, offset: 0 });
    expect([decisions.total, decisions.recommendations.map(({ id }) => id)]).toEqual([3, ['R3', 'R2']]);
    const sorted = await call('journal.trades', { sort: { by: 'exit', isDescending: false }, limit: 1, offset: 1 });
    expect(sorted).toMatchObject({ total: 3, trades: [{ recommendationId: 'R2' }] });
  });
});

type Line = Readonly<Record<string, string>>;

describe('exporting', () => {
  beforeEach(async () => {
    for (const n of [1, 2, 3]) journal.append(aRoundTrip(n, epochMs(NOON + n * 100_000)));
    const { trades } = await call('journal.trades', { limit: 1, offset: 0 });
    await call('journal.annotate', { subject: { kind: 'trade', id: trades[0]?.id ?? '' }, body: WORDS });
    await call('journal.annotate', { subject: { kind: 'recommendation', id: 'R2' }, body: WORDS });
    await importFile(ninja(ROWS));
  });
  const csv = (bytes: Buffer): readonly Line[] => parse<Line>(bytes, { columns: true, record_delimiter: '\r\n' });
  const json = (bytes: Buffer): unknown => JSON.parse(bytes.toString('utf8')) as unknown;

  it('writes trades with exact decimals, full R and harmless texts', async () => {
    const file = await download({ what: 'trades', format: 'csv' });
    expect([file.fileName, file.mediaType]).toEqual([
      'kelly-desk-paper-trades-2026-06-03.csv',
      'text/csv; charset=utf-8',
    ]);
    const lines = csv(file.bytes);
    expect(lines).toHaveLength(3);
    expect(lines[2]).toMatchObject({
      account: 'SIM1',
      isImported: 'false',
      side: 'long',
      quantity: '2',
      entryPrice: '21000.25',
      exitPrice: '21015.25',
      grossUsd: '600.00',
      feesUsd: '4.60',
      netUsd: '595.40',
      plannedRiskUsd: '429.20',
      r: String(5_954_000 / 4_292_000),
      tags: 'Opening',
      rating: '4',
      note: "'=1+1 is a formula",
    });
    expect(lines[2]?.['exitAt']).toMatch(/^2026-06-03T\d\d:\d\d:\d\d\.\d{3}Z$/);
    const imported = csv((await download({ what: 'trades', format: 'csv', filter: { origin: 'imported' } })).bytes);
    expect(imported.map(({ netUsd }) => netUsd)).toEqual(['19.07', '-21.43']);
    const rows = json((await download({ what: 'trades', format: 'json', filter: { tag: 'Opening' } })).bytes);
    expect(rows).toMatchObject([{ netUsd: 595.4, note: WORDS.note, tags: ['Opening'], mistakes: ['late'] }]);
  });

  it('writes fills, all of them or those of the trades a filter means', async () => {
    const all = csv((await download({ what: 'fills', format: 'csv', filter: { origin: 'all' } })).bytes);
    expect(all).toHaveLength(10);
    const bought = csv(
      (await download({ what: 'fills', format: 'csv', filter: { origin: 'imported', direction: 1 } })).bytes,
    );
    expect(bought.map(({ execKey, side, price, feeUsd, at: time }) => [execKey, side, price, feeUsd, time])).toEqual([
      ['a1', 'buy', '21000.25', '0.62', '2025-12-15T15:30:01.000Z'],
      ['a4', 'buy', '21001.00', '0.62', '2025-12-15T15:45:00.000Z'],
    ]);
    const ofTagged = json((await download({ what: 'fills', format: 'json', filter: { tag: 'Opening' } })).bytes);
    expect(ofTagged).toMatchObject([{ execKey: 'E3' }, { execKey: 'X3' }]);
    const losers = { origin: 'imported', outcome: 'loss' } as const;
    const ofLosers = json((await download({ what: 'fills', format: 'json', filter: losers })).bytes);
    expect((ofLosers as { execKey: string }[]).map(({ execKey }) => execKey).sort()).toHaveLength(2);
  });

  it('writes decisions with what they were made of', async () => {
    const lines = csv((await download({ what: 'decisions', format: 'csv' })).bytes);
    expect(lines.map(({ id }) => id)).toEqual(['R3', 'R2', 'R1']);
    expect(lines[0]).toMatchObject({
      contracts: '2',
      winProbability: '0.684',
      entry: '21000.25',
      riskUsd: '429.20',
      binds: 'kelly',
    });
    const tagged = json((await download({ what: 'decisions', format: 'json', filter: { tag: 'Opening' } })).bytes);
    expect(tagged).toMatchObject([{ id: 'R2', decision: { walls: [{ code: 'kelly' }] }, note: WORDS.note }]);
    const none = await download({ what: 'decisions', format: 'json', filter: { root: 'ES' } });
    expect(json(none.bytes)).toEqual([]);
    const filter = { outcome: 'win' } as const;
    expect(await refusal('download.begin', { what: 'decisions', format: 'csv', filter })).toMatchObject({
      field: 'filter.outcome',
    });
  });

  it('writes the whole journal as an archive', async () => {
    const file = await download({ what: 'archive', format: 'json' });
    expect([file.fileName, file.mediaType]).toEqual([
      'kelly-desk-paper-archive-2026-06-03.kellyjournal',
      'application/gzip',
    ]);
    const lines = gunzipSync(file.bytes).toString('utf8').trimEnd().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ events: journal.lastSeq(), headHash: journal.headHash() });
  });

  it('hands out no more than what it prepared, and removes it at the end', async () => {
    const { downloadId } = await call('download.begin', { what: 'trades', format: 'csv' });
    expect(await refusal('download.read', { downloadId, offset: 1e6 })).toMatchObject({ field: 'offset' });
    for (let i = 0; i < 3; i += 1) await call('download.begin', { what: 'fills', format: 'csv' });
    expect(await refusal('download.begin', { what: 'fills', format: 'csv' })).toMatchObject({ code: 'refused' });
    operations.close();
    expect(await refusal('download.read', { downloadId, offset: 0 })).toMatchObject({ code: 'not-found' });
  });
});

it('a picture is where the archive and the backups look for it', async () => {
  const { sha256 } = await call('journal.attach', { uploadId: await upload(PNG, 'chart.png') });
  const path = join(dirname(journal.path), 'attachments', sha256.slice(0, 2), `${sha256}.png`);
  expect(readFileSync(path).equals(PNG)).toBe(true);
});
