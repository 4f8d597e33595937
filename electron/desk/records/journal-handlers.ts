import { dirname } from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers, OperationName, Publish } from '#shared/contract/index.ts';
import type { ImportRecord, TradeRow } from '#shared/contract/journal-views.ts';
import type { AnnotationBody, Attachment, Subject } from '#shared/domain/annotation.ts';
import { assertNever } from '#shared/result.ts';
import { recommendationOf } from '#desk/decisions/recommendations.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import type { Journal } from '#desk/ports/journal.ts';
import { journaledInstruments } from '#desk/profiles/instruments.ts';
import { appendOrRefuse } from './append.ts';
import { type AttachmentError, keepAttachment, readAttachment } from './attachments.ts';
import { createExportFiles } from './export-files.ts';
import { savedMappings } from './saved-mappings.ts';
import { createImports, threadPlanner } from './import-journal.ts';
import { createDownloads, createUploads, type Downloads } from './transfers.ts';

type Prefixed<P extends string> = Extract<OperationName, `${P}.${string}`>;
export type JournalOperation = Prefixed<'journal'> | Prefixed<'upload'> | Prefixed<'download'>;

export type JournalHandlerParts = {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly publish: Publish;
  /** Names the exports. */
  readonly profile: string;
  /** Throws DeskError 'not-ready' while history is still being made: nothing is written into it. */
  readonly mustBeReady: () => void;
};

export type JournalHandlers = {
  readonly handlers: Pick<Handlers, JournalOperation>;
  /** Where prepared files are fetched from. */
  readonly downloads: Downloads;
  /** Ends an import under way and removes prepared files. */
  close(): void;
};

/** Executions written at once beside open positions at a real venue: well under a second in which nothing else is done. */
export const MOST_BESIDE_EXPOSURE = 1_000;

const NEWEST_FIRST = { by: 'exit', isDescending: true } as const;

const missing = (field: string, value: string, message: string, remedy: string): DeskError =>
  new DeskError({ code: 'not-found', field, value, message, remedy });

/** Refuses an annotation of something the journal does not have, or with pictures it does not. */
function checkAnnotation(journal: Journal, subject: Subject, body: AnnotationBody): void {
  const isThere = subject.kind === 'trade' ? journal.hasTrade(subject.id) : journal.decision(subject.id) !== null;
  if (!isThere) {
    throw missing('subject.id', subject.id, `There is no such ${subject.kind} in the journal.`, 'Reload the list.');
  }
  const lost = body.screenshots.find((sha256) => journal.attachment(sha256) === null);
  if (lost !== undefined) {
    throw missing('body.screenshots', lost, 'There is no such picture in the journal.', 'Attach the picture first.');
  }
}

function attachmentError(error: AttachmentError, field: string, value: string): DeskError {
  switch (error.code) {
    case 'not-a-picture':
      return new DeskError({
        code: 'invalid-input',
        field,
        value,
        message: 'This file is not a picture the desk can keep.',
        remedy: 'Choose a PNG, JPEG or WebP file.',
      });
    case 'too-large':
      return new DeskError({
        code: 'invalid-input',
        field,
        value,
        message: `The picture has ${error.size} bytes; at most ${error.limit} are kept.`,
        remedy: 'Make it smaller and try again.',
      });
    case 'missing':
    case 'changed': {
      const what = error.code === 'missing' ? 'is gone' : 'is not the one that was attached';
      const remedy = 'Bring the file back from a backup of the folder attachments.';
      return missing(field, value, `The picture ${error.path} ${what}.`, remedy);
    }
    default:
      return assertNever(error);
  }
}

function importRecords(journal: Journal): ImportRecord[] {
  return [...journal.events({ kinds: ['import'] })]
    .map(({ at, event }) => ({
      importId: event.importId,
      at,
      fileName: event.fileName,
      sha256: event.sha256,
      format: event.format,
      added: event.added,
      known: event.known,
      skipped: event.skipped,
      assumptions: event.assumptions,
    }))
    .reverse();
}

/** Trades with the tick size of their contract, where the journal knows it. */
function withTicks(journal: Journal, trades: readonly TradeRow[]): TradeRow[] {
  const instruments = journaledInstruments(journal);
  return trades.map((trade) => {
    const tickSize = instruments.get(trade.symbol)?.tickSize;
    return tickSize === undefined ? trade : { ...trade, tickSize };
  });
}

/** The reading operations that need nothing but the journal. */
function readHandlers(journal: Journal) {
  return {
    'journal.trades': ({ filter = {}, sort = NEWEST_FIRST, limit, offset }) => {
      const { total, trades } = journal.tradePage({ filter, sort, limit, offset });
      return { total, trades: withTicks(journal, trades) };
    },
    'journal.summary': ({ filter = {} }) => {
      const { all, bySymbol } = journal.tradeSummary(filter);
      return { all, bySymbol: [...bySymbol] };
    },
    'journal.calendar': ({ filter = {} }) => [...journal.calendar(filter)],
    'journal.decisions': ({ filter = {}, limit, offset }) => {
      const { total, rows } = journal.decisionPage({ filter, limit, offset });
      return { total, recommendations: rows.map(({ decision, status }) => recommendationOf(decision, status)) };
    },
    'journal.labels': () => journal.labels(),
    'journal.search': ({ text, limit }) => [...journal.search(text, limit)],
    'journal.annotation': ({ subject }) => journal.annotation(subject),
    'journal.accounts': () => [...journal.accounts()],
    'journal.imports': () => importRecords(journal),
    'journal.mappings': () =>
      [...savedMappings(journal)]
        .map(([name, mapping]) => ({ name, mapping }))
        .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
    'journal.attachment': ({ sha256 }) => {
      const attachment = journal.attachment(sha256);
      if (attachment === null) {
        throw missing('sha256', sha256, 'There is no such picture in the journal.', 'Reload the list.');
      }
      const read = readAttachment(dirname(journal.path), attachment);
      if (!read.ok) throw attachmentError(read.error, 'sha256', sha256);
      return { attachment, base64: Buffer.from(read.value).toString('base64') };
    },
  } satisfies Partial<Handlers>;
}

/** Appends one event and tells the screens. A journal that cannot be written is told in its own words. */
function createAppend({ journal, clock, publish, mustBeReady }: JournalHandlerParts) {
  const tell = (): void =>
    publish('journal.changed', {
      events: journal.lastSeq(),
      trades: journal.tradeCount({}),
      headHash: journal.headHash(),
    });
  const append = (event: JournalEvent): void => {
    mustBeReady();
    appendOrRefuse(journal, [{ at: clock.now(), event }], 'nothing was written');
    tell();
  };
  return { append, tell };
}

/** Whether the orders of this journal are at a venue outside this process. */
function isAtVenue(journal: Journal): boolean {
  const [opened] = journal.events({ kinds: ['opened'], limit: 1 });
  return opened !== undefined && opened.event.mode !== 'simulation' && opened.event.mode !== 'replay';
}

/**
 * An import is one transaction, in which the desk does nothing else: seconds for a large one. With money at a venue
 * that is not waited for.
 */
function mustBeFree(journal: Journal, executions: number): void {
  if (executions <= MOST_BESIDE_EXPOSURE || !isAtVenue(journal)) return;
  const isExposed = journal.openLots().length > 0 || journal.orders({ openOnly: true, limit: 1 }).length > 0;
  if (!isExposed) return;
  throw new DeskError({
    code: 'refused',
    message: `writing ${executions} executions would keep the desk from its open positions and orders for seconds`,
    remedy: `Import when nothing is open, at most ${MOST_BESIDE_EXPOSURE} at a time, or with the desk closed: kelly-desk journal import.`,
  });
}

/** Writes a picture before it is journaled: what the journal names is on disk. */
function keepPicture(folder: string, file: { readonly fileName: string; readonly bytes: Uint8Array }): Attachment {
  const kept = keepAttachment(folder, file.bytes);
  if (!kept.ok) throw attachmentError(kept.error, 'file', file.fileName);
  return kept.value;
}

/** Returns the operations of the journal: reading, annotating, importing, exporting, and the files they travel in. */
export function createJournalHandlers(parts: JournalHandlerParts): JournalHandlers {
  const { journal, clock, ids, profile, mustBeReady } = parts;
  const closing = new AbortController();
  const uploads = createUploads({ clock, ids });
  const downloads = createDownloads({ clock, ids });
  const files = createExportFiles();
  const imports = createImports({
    journal,
    clock,
    ids,
    plan: threadPlanner(journal, closing.signal),
    mustBeFree: (executions) => mustBeFree(journal, executions),
  });
  const { append, tell } = createAppend(parts);

  const handlers: JournalHandlers['handlers'] = {
    ...readHandlers(journal),
    'journal.annotate': ({ subject, body }) => {
      checkAnnotation(journal, subject, body);
      append({ kind: 'annotation', subject, body, actor: 'trader' });
      const written = journal.annotation(subject);
      if (written === null) throw new Error(`the annotation of ${subject.kind} ${subject.id} was not kept`);
      return written;
    },
    'journal.attach': ({ uploadId }) => {
      mustBeReady();
      const attachment = keepPicture(dirname(journal.path), uploads.take(uploadId));
      if (journal.attachment(attachment.sha256) === null) append({ kind: 'attachment', attachment });
      return attachment;
    },
    'journal.importPreview': ({ uploadId, options }) => imports.previewImport(uploads.take(uploadId), options),
    'journal.import': async ({ uploadId, options }) => {
      mustBeReady();
      const report = await imports.commitImport(uploads.take(uploadId), options);
      tell();
      return report;
    },
    'journal.saveMapping': ({ name, mapping }) => {
      const isForgotten = mapping === null && !savedMappings(journal).has(name);
      if (!isForgotten) append({ kind: 'import-mapping', name, mapping });
      return {};
    },
    'upload.begin': (file) => uploads.begin(file),
    'upload.append': (part) => uploads.append(part),
    'download.begin': async (request) => {
      downloads.mustHaveRoom();
      const source = await files.make(journal, request, { profile, now: clock.now() });
      const { fileName, mediaType, size } = source;
      return { downloadId: downloads.add(source), fileName, mediaType, size };
    },
    'download.read': (part) => downloads.read(part),
  };
  return {
    handlers,
    downloads,
    close: () => {
      closing.abort(new DeskError({ code: 'not-ready', message: 'the desk is closing' }));
      uploads.close();
      downloads.close();
      files.close();
    },
  };
}
