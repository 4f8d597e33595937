import { createHash, randomUUID } from 'node:crypto';
import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers } from '#shared/contract/index.ts';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import type { ImportRecord, TradeQuery, TradeRow, TradeSummary } from '#shared/contract/journal-views.ts';
import type { Annotation, AnnotationBody, Subject } from '#shared/domain/annotation.ts';
import type { ImportMapping, ImportPreview } from '#shared/domain/import.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { sessionDay } from '#shared/session-day.ts';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import type { EpochMs, Money } from '#shared/units.ts';
import { INSTRUMENTS, START_PRICES } from './instruments.ts';
import type { Root } from './instruments.ts';
import { barsUntil, random } from './market.ts';
import { ticksOf } from './account.ts';

const ROOTS = Object.keys(INSTRUMENTS) as Root[];
const DAY = 86_400_000;
/** Above this many trades they are made as they are asked for, and no filter applies. */
const HELD = 5_000;

const TAGS = ['trend', 'news', 'A+', 'late', 'thin', 'scratch'];
const SETUPS = ['pull-back', 'breakout', 'fade'];
const MISTAKES = ['late entry', 'moved stop', 'too big'];
const NOTES = [
  'Took one lot only ahead of the data. Fill was clean, first pull-back held. Should have trusted the size.',
  'Chased it. The plan was the pull-back, not the high.',
  'Textbook: waited for the retest, stop never near.',
];

const pickOf = <T>(list: readonly T[], next: () => number): T => list[Math.floor(next() * list.length)] ?? list[0]!;

function annotationAt(id: string, at: EpochMs, next: () => number): Annotation | null {
  if (next() < 0.55) return null;
  return {
    subject: { kind: 'trade', id },
    tags: next() < 0.8 ? [...new Set([pickOf(TAGS, next), ...(next() < 0.3 ? [pickOf(TAGS, next)] : [])])] : [],
    setup: next() < 0.6 ? pickOf(SETUPS, next) : null,
    mistakes: next() < 0.2 ? [pickOf(MISTAKES, next)] : [],
    rating: next() < 0.7 ? 1 + Math.floor(next() * 5) : null,
    note: next() < 0.5 ? pickOf(NOTES, next) : '',
    screenshots: [],
    at: epochMs(at + 3_600_000),
  };
}

/** Trade number `i`, newest first: the same for the same number and time. */
export function tradeAt(i: number, now: EpochMs, recommendations: readonly Recommendation[]): TradeRow {
  const next = random(5 + i * 7919);
  const root = ROOTS[Math.floor(next() * ROOTS.length)] ?? 'NQ';
  const instrument = INSTRUMENTS[root];
  const isImported = i % 9 === 4;
  const quantity = 1 + Math.floor(next() * 5);
  const r = next() < 0.53 ? 0.1 + next() * 1.9 : -0.2 - next() * 0.85;
  const heldMs = Math.round((3 + next() ** 2 * 200) * 60_000);
  const exitAt = epochMs(now - Math.round(i * 0.31 * DAY + next() * 5 * 3_600_000) - 20 * 60_000);
  const entry = ticksOf(root, START_PRICES[root]) - Math.round(next() * 400);
  const direction = next() < 0.55 ? 1 : -1;
  const distance = Math.round(r * 60) || 1;
  const gross = money(distance * instrument.tickValue * quantity);
  const fees = isImported && i % 2 === 0 ? money(0) : moneyFromUsd(4.6 * quantity);
  const plannedRisk = isImported ? null : money(60 * instrument.tickValue * quantity);
  const net = money(gross - fees);
  const account = isImported ? 'imported:TPT-0042' : 'SIM-1';
  const id = `${account}|${instrument.symbol}|E${i}|X${i}|0`;
  const recommendation = recommendations.find((one) => one.symbol === instrument.symbol) ?? null;
  return {
    id,
    account,
    symbol: instrument.symbol,
    root,
    direction,
    quantity,
    entryAt: epochMs(exitAt - heldMs),
    exitAt,
    entryPrice: ticks(entry),
    exitPrice: ticks(entry + direction * distance),
    gross,
    fees,
    net,
    plannedRisk,
    r: plannedRisk === null ? null : net / plannedRisk,
    recommendationId: isImported ? null : (recommendation?.id ?? null),
    sessionDay: sessionDay(exitAt),
    isImported,
    mae: isImported ? null : money(-Math.round(Math.abs(gross) * (0.1 + next() * 0.4))),
    mfe: isImported ? null : money(Math.max(0, gross) + Math.round(next() * 100) * 10_000),
    annotation: annotationAt(id, exitAt, next),
  };
}

const wordsOf = ({ annotation, symbol }: TradeRow): string =>
  annotation === null
    ? symbol
    : [symbol, annotation.note, ...annotation.tags, annotation.setup ?? '', ...annotation.mistakes].join(' ');

function fits(row: TradeRow, filter: TradeQuery): boolean {
  const { origin = 'own', account, symbol, root, direction, outcome, fromDay, toDay } = filter;
  const { tag, setup, mistake, minRating, text } = filter;
  const words = wordsOf(row).toLowerCase();
  const sign = outcome === 'win' ? 1 : outcome === 'loss' ? -1 : 0;
  return (
    (origin === 'all' || (origin === 'imported') === row.isImported) &&
    (account === undefined || row.account === account) &&
    (symbol === undefined || row.symbol === symbol) &&
    (root === undefined || row.root === root) &&
    (direction === undefined || row.direction === direction) &&
    (outcome === undefined || Math.sign(row.net) === sign) &&
    (fromDay === undefined || row.sessionDay >= fromDay) &&
    (toDay === undefined || row.sessionDay <= toDay) &&
    (tag === undefined || row.annotation?.tags.includes(tag) === true) &&
    (setup === undefined || row.annotation?.setup === setup) &&
    (mistake === undefined || row.annotation?.mistakes.includes(mistake) === true) &&
    (minRating === undefined || (row.annotation?.rating ?? 0) >= minRating) &&
    (text ?? '')
      .toLowerCase()
      .split(/\s+/)
      .every((word) => words.includes(word))
  );
}

const total = (rows: readonly TradeRow[], value: (row: TradeRow) => number): Money =>
  money(rows.reduce((sum, row) => sum + value(row), 0));

function summaryOf(rows: readonly TradeRow[]): TradeSummary {
  const wins = rows.filter(({ net }) => net > 0);
  const losses = rows.filter(({ net }) => net < 0);
  const withR = rows.filter(({ r }) => r !== null);
  return {
    count: rows.length,
    wins: wins.length,
    losses: losses.length,
    flats: rows.length - wins.length - losses.length,
    gross: total(rows, ({ gross }) => gross),
    fees: total(rows, ({ fees }) => fees),
    net: total(rows, ({ net }) => net),
    sumR: withR.reduce((sum, { r }) => sum + (r ?? 0), 0),
    countR: withR.length,
    bestNet: rows.length === 0 ? null : money(Math.max(...rows.map(({ net }) => net))),
    worstNet: rows.length === 0 ? null : money(Math.min(...rows.map(({ net }) => net))),
    sumWins: total(wins, ({ net }) => net),
    sumLosses: total(losses, ({ net }) => 0 - net),
  };
}

const SORTS = {
  exit: (row: TradeRow) => row.exitAt,
  entry: (row: TradeRow) => row.entryAt,
  symbol: (row: TradeRow) => row.symbol,
  quantity: (row: TradeRow) => row.quantity,
  net: (row: TradeRow) => row.net,
  r: (row: TradeRow) => row.r ?? Number.NEGATIVE_INFINITY,
  duration: (row: TradeRow) => row.exitAt - row.entryAt,
};

const counted = (all: readonly string[]) =>
  [...new Set(all)]
    .map((label) => ({ label, count: all.filter((other) => other === label).length }))
    .sort((a, b) => b.count - a.count);

const note = (line: number, field: string, value: string, message: string, remedy: string | null) => ({
  line,
  field,
  value,
  message,
  remedy,
});

/** A preview that asks for a time zone and an account until both are answered; then three rows, two of them known. */
function previewOf(name: string, bytes: Buffer, options: Parameters<Handlers['journal.importPreview']>[0]['options']) {
  const columns = bytes.toString('utf8').split(/\r?\n/)[0]?.split(',') ?? [];
  const at = epochMs(Date.UTC(2026, 7, 3, 14, 30));
  const isGeneric = options.format === 'generic' || name.includes('generic');
  const questions: ImportPreview['questions'] = [
    ...(options.timeZone === undefined
      ? [{ field: 'timeZone' as const, key: null, text: 'The times have no zone.', choices: ['America/Chicago'] }]
      : []),
    ...(options.account === undefined
      ? [{ field: 'account' as const, key: null, text: 'No column names the account.', choices: [] }]
      : []),
    ...(options.contracts?.['CME_MINI:MNQ1!'] === undefined
      ? [
          {
            field: 'contracts' as const,
            key: 'CME_MINI:MNQ1!',
            text: 'A continuous symbol hides the contract that was traded.',
            choices: ['MNQU26-CME', 'MNQZ26-CME'],
          },
        ]
      : []),
    ...(isGeneric && options.mapping === undefined
      ? [{ field: 'mapping' as const, key: null, text: 'Which column is what?', choices: [] }]
      : []),
  ];
  const hasErrors = name.includes('broken');
  const isReady = questions.length === 0;
  const preview: ImportPreview = {
    fileName: name,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    format: isGeneric ? 'generic' : (options.format ?? 'tradovate-orders'),
    formatTitle: isGeneric ? 'Any CSV' : 'Tradovate orders',
    columns,
    rows: 16,
    sample: isReady
      ? [0, 1, 2, 3, 4, 5, 6, 7].map((i) => ({
          line: i + 2,
          execKey: `K${i}`,
          account: `imported:${options.account ?? ''}`,
          symbol: 'MNQU26-CME',
          direction: i % 2 === 0 ? (1 as const) : (-1 as const),
          quantity: 2,
          price: ticks(93_900 + i * 12),
          tickSize: 0.25,
          fee: moneyFromUsd(1.04),
          at: epochMs(at + i * 600_000),
        }))
      : [],
    added: isReady ? 8 : 0,
    known: isReady ? 2 : 0,
    skipped: [
      note(7, 'status', 'Canceled', 'The order was cancelled before it was filled.', null),
      note(12, 'status', 'Rejected', 'The order was rejected.', null),
    ],
    skippedCount: 6,
    errors: hasErrors
      ? [note(9, 'avgPrice', '23,47x.25', 'This is not a price.', 'Mend the figure in the file and drop it again.')]
      : [],
    errorCount: hasErrors ? 1 : 0,
    conflicts: [],
    conflictCount: 0,
    questions,
    assumptions: [
      { code: 'fees', text: 'The file has no fees: results are recorded as gross.' },
      { code: 'split-average', text: 'Partial fills are told as one average: each order is one execution.' },
    ],
    accounts: options.account === undefined ? [] : [`imported:${options.account}`],
    symbols: ['MNQU26-CME'],
    from: at,
    to: epochMs(at + 80 * 600_000),
    canImport: isReady && !hasErrors,
  };
  return preview;
}

/** Trades, decisions, notes, pictures, imports and exports in memory. What the operations must do is tested on the desk. */
export function journalOperations(count: number, snapshot: () => DeskSnapshot) {
  const now = epochMs(Date.now());
  const initial = snapshot().recommendations;
  const rows: TradeRow[] =
    count > HELD
      ? []
      : Array.from({ length: count }, (_, i) => tradeAt(i, now, initial)).sort((a, b) => b.exitAt - a.exitAt);
  const notes = new Map<string, Annotation>();
  const uploads = new Map<string, { name: string; bytes: Buffer }>();
  const pictures = new Map<string, Buffer>();
  const downloads = new Map<string, Buffer>();
  const saved: { name: string; mapping: ImportMapping }[] = [];
  const imported: ImportRecord[] = [];
  const key = ({ kind, id }: Subject) => `${kind}:${id}`;
  const filtered = (filter: TradeQuery | undefined) => rows.filter((row) => fits(row, filter ?? {}));
  const upload = (id: string) => {
    const found = uploads.get(id);
    if (found === undefined) throw new DeskError({ code: 'not-found', message: 'There is no such upload.' });
    return found;
  };
  return {
    'chart.bars': ({ symbol, limit, until }) => {
      const at = epochMs(Math.min(until ?? now, now));
      const row = rows.find((one) => one.symbol === symbol && one.exitAt <= at && at - one.exitAt < 20 * 60_000);
      const root = ROOTS.find((one) => INSTRUMENTS[one].symbol === symbol) ?? 'NQ';
      const last = row?.exitPrice ?? ticksOf(root, START_PRICES[root]);
      return { symbol, bars: [...barsUntil(symbol, last, at, Math.min(limit, 600))] };
    },
    'journal.trades': ({ filter, sort, limit, offset }) => {
      if (count > HELD) {
        const length = Math.max(0, Math.min(limit, count - offset));
        return { total: count, trades: Array.from({ length }, (_, i) => tradeAt(offset + i, now, initial)) };
      }
      const { by, isDescending } = sort ?? { by: 'exit', isDescending: true };
      const value = SORTS[by];
      const sorted = filtered(filter).sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        return (x < y ? -1 : x > y ? 1 : 0) * (isDescending ? -1 : 1);
      });
      return { total: sorted.length, trades: sorted.slice(offset, offset + limit) };
    },
    'journal.summary': ({ filter }) => {
      const found = filtered(filter);
      const roots = [...new Set(found.map(({ root }) => root))];
      return {
        all: summaryOf(found),
        bySymbol: roots.map((root) => ({ root, summary: summaryOf(found.filter((row) => row.root === root)) })),
      };
    },
    'journal.calendar': ({ filter }) => {
      const found = filtered(filter);
      return [...new Set(found.map((row) => row.sessionDay))].sort().map((day) => {
        const of = found.filter((row) => row.sessionDay === day);
        const { net, wins, sumR } = summaryOf(of);
        return { day, net, trades: of.length, wins, sumR };
      });
    },
    'journal.decisions': ({ filter, limit, offset }) => {
      const { recommendations } = snapshot();
      const found = recommendations.filter(
        (one) =>
          (filter?.state === undefined || one.state === filter.state) &&
          (filter?.status === undefined || one.decision.status === filter.status) &&
          (filter?.symbol === undefined || one.symbol === filter.symbol),
      );
      return { total: found.length, recommendations: found.slice(offset, offset + limit) };
    },
    'journal.labels': () => {
      const written = rows.flatMap(({ annotation }) => (annotation === null ? [] : [annotation]));
      return {
        tags: counted(written.flatMap(({ tags }) => tags)),
        setups: counted(written.flatMap(({ setup }) => (setup === null ? [] : [setup]))),
        mistakes: counted(written.flatMap(({ mistakes }) => mistakes)),
      };
    },
    'journal.search': () => [],
    'journal.annotation': ({ subject }) => notes.get(key(subject)) ?? null,
    'journal.annotate': ({ subject, body }: { subject: Subject; body: AnnotationBody }) => {
      const annotation = { subject, ...body, at: epochMs(Date.now()) };
      notes.set(key(subject), annotation);
      const at = rows.findIndex(({ id }) => subject.kind === 'trade' && id === subject.id);
      const row = rows[at];
      if (row !== undefined) rows[at] = { ...row, annotation };
      return annotation;
    },
    'journal.accounts': () => [...new Set(rows.map(({ account }) => account))],
    'journal.imports': () => imported,
    'journal.mappings': () => saved,
    'journal.saveMapping': ({ name, mapping }) => {
      const at = saved.findIndex((one) => one.name === name);
      if (at >= 0) saved.splice(at, 1);
      if (mapping !== null) saved.push({ name, mapping });
      return {};
    },
    'journal.importPreview': ({ uploadId, options }) => {
      const { name, bytes } = upload(uploadId);
      return previewOf(name, bytes, options);
    },
    'journal.import': ({ uploadId, options }) => {
      const { name, bytes } = upload(uploadId);
      const preview = previewOf(name, bytes, options);
      const importId = randomUUID();
      imported.push({
        importId,
        at: epochMs(Date.now()),
        fileName: name,
        sha256: preview.sha256,
        format: preview.format ?? 'generic',
        added: preview.added,
        known: preview.known,
        skipped: preview.skippedCount,
        assumptions: preview.assumptions.map(({ text }) => text),
      });
      return { importId, preview, added: preview.added, known: preview.known, trades: 4 };
    },
    'journal.attach': ({ uploadId }) => {
      const { bytes } = upload(uploadId);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      pictures.set(sha256, bytes);
      return { sha256, mediaType: 'image/png' as const, size: bytes.length };
    },
    'journal.attachment': ({ sha256 }) => {
      const bytes = pictures.get(sha256);
      if (bytes === undefined) throw new DeskError({ code: 'not-found', message: 'There is no such picture.' });
      return {
        attachment: { sha256, mediaType: 'image/png' as const, size: bytes.length },
        base64: bytes.toString('base64'),
      };
    },
    'upload.begin': ({ fileName }) => {
      const uploadId = randomUUID();
      uploads.set(uploadId, { name: fileName, bytes: Buffer.alloc(0) });
      return { uploadId };
    },
    'upload.append': ({ uploadId, base64 }) => {
      const found = upload(uploadId);
      found.bytes = Buffer.concat([found.bytes, Buffer.from(base64, 'base64')]);
      return { received: found.bytes.length };
    },
    'download.begin': ({ what, format, filter }) => {
      const bytes = Buffer.from(JSON.stringify({ what, format, rows: filtered(filter).length }));
      const downloadId = randomUUID();
      downloads.set(downloadId, bytes);
      return {
        downloadId,
        fileName: `kelly-desk-${what}.${format}`,
        mediaType: 'application/json',
        size: bytes.length,
      };
    },
    'download.read': ({ downloadId, offset }) => {
      const bytes = downloads.get(downloadId) ?? Buffer.alloc(0);
      const part = bytes.subarray(offset, offset + 10);
      const nextOffset = offset + part.length;
      return { base64: part.toString('base64'), nextOffset, isLast: nextOffset >= bytes.length };
    },
  } satisfies Partial<Handlers>;
}
