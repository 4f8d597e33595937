import { createReadStream } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import type { ImportMapping, ImportOptions, ImportPreview, ImportReport } from '#shared/domain/import.ts';
import { epochMs, type Money } from '#shared/units.ts';
import { decide } from '#desk/engine/decide.ts';
import { attachmentsOf, copyAttachments } from './attachments.ts';
import { type ExportRequest, writeExport, type WrittenExport } from './export-files.ts';
import { createImports } from './import-journal.ts';
import { type ImportFile, planImport } from './import-plan.ts';
import { openErrorText } from './open-error-text.ts';
import { appendOrRefuse } from './append.ts';
import { adoptErrorText } from './profile-journal.ts';
import { savedMappings } from './saved-mappings.ts';
import { adoptStandbys, type Adopted } from '#desk/journal/adopt.ts';
import type { UploadedFile } from './transfers.ts';
import type { ArchiveError, ArchiveSummary } from '#desk/journal/archive.ts';
import type { JournalOpenError } from '#desk/journal/errors.ts';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { openJournal, type SqliteJournal } from '#desk/journal/open-journal.ts';
import { readArchive } from '#desk/journal/read-archive.ts';
import { restore, restorePreview, type RestoreError } from '#desk/journal/restore.ts';
import { viewJournal } from '#desk/journal/view-only.ts';
import type { VerifyReport } from '#desk/ports/journal.ts';

const openError = (error: JournalOpenError): DeskError =>
  error.code === 'journal-in-use'
    ? new DeskError({ code: 'journal-in-use', message: openErrorText(error), remedy: error.remedy })
    : new DeskError({
        code: 'refused',
        message: openErrorText(error),
        field: 'journal',
        value: error.path,
        remedy: error.remedy,
      });

function openForReading(path: string): SqliteJournal {
  // Also on media for reading only, and of an older schema: then a copy is read, and the file is left as it is.
  const opened = viewJournal({ path });
  if (opened.ok) return opened.value;
  throw openError(opened.error);
}

/** Opens a journal that must be there: importing into a name that was misspelt makes no new one. */
function openForWriting(path: string): SqliteJournal {
  openForReading(path).close();
  const opened = openJournal({ path, mode: 'write' });
  if (opened.ok) return opened.value;
  throw openError(opened.error);
}

/** Checks a journal: schema, integrity, chain, derived tables, and every decision recomputed bit for bit. */
export function verifyJournal(path: string): VerifyReport {
  const journal = openForReading(path);
  try {
    return journal.verify(decide);
  } finally {
    journal.close();
  }
}

export type JournalStatistics = {
  readonly events: number;
  readonly decisions: number;
  readonly trades: number;
  readonly net: Money;
  readonly headHash: string | null;
};

/** Counts what a journal holds. */
export function journalStatistics(path: string): JournalStatistics {
  const journal = openForReading(path);
  try {
    return {
      events: journal.lastSeq(),
      decisions: journal.decisionCount(),
      trades: journal.tradeCount({}),
      net: journal.netOfTrades(),
      headHash: journal.headHash(),
    };
  } finally {
    journal.close();
  }
}

/** What a backup holds, or held when it was put in place; `kept` is where the journal that was there lies now. */
export type RestoreSummary = {
  readonly events: number;
  readonly decisions: number;
  readonly trades: number;
  readonly headHash: string | null;
  readonly kept: string | null;
  /** Pictures of annotations that are not beside the backup, or not what they were. */
  readonly picturesLost: number;
};

/** Copies the pictures a journal names to the folder of another one; says how many could not be. */
function takePictures(journalPath: string, folders: { readonly from: string; readonly to: string }): number {
  if (resolve(folders.from) === resolve(folders.to)) return 0;
  const journal = openForReading(journalPath);
  try {
    return copyAttachments(attachmentsOf(journal), folders).lost.length;
  } finally {
    journal.close();
  }
}

/**
 * Puts a verified backup in the place of a journal no desk has open; without `confirmed` it only says what it would
 * bring back. What was there is kept under a name of its own, and the pictures of the backup are brought back as well.
 * Throws DeskError naming the file and the remedy.
 */
export async function restoreJournal(from: string, to: string, isConfirmed: boolean): Promise<RestoreSummary> {
  const preview = await restorePreview(from);
  if (!preview.ok) throw refusal(preview.error, from);
  const { events, decisions, trades, headHash } = preview.value;
  if (!isConfirmed) return { events, decisions, trades, headHash, kept: null, picturesLost: 0 };
  const restored = await restore(from, to, epochMs(Date.now()));
  if (!restored.ok) throw refusal(restored.error, to);
  const picturesLost = takePictures(to, { from: dirname(from), to: dirname(to) });
  return { events, decisions, trades, headHash, kept: restored.value.kept, picturesLost };
}

function refusal(error: RestoreError, path: string): DeskError {
  const message =
    error.code === 'restore-failed' ? `the backup could not be put in place: ${error.detail}` : openErrorText(error);
  return new DeskError({ code: 'refused', message, field: 'journal', value: path, remedy: error.remedy });
}

/**
 * Copies a journal, also one in use, into a verified backup, and its pictures into the folder `attachments` beside it.
 * Throws when the copy differs. Returns how many pictures could not be copied.
 */
export async function backupJournal(path: string, target: string): Promise<number> {
  const journal = openForReading(path);
  try {
    await journal.backup(target);
    return copyAttachments(attachmentsOf(journal), { from: dirname(resolve(path)), to: dirname(resolve(target)) }).lost
      .length;
  } finally {
    journal.close();
  }
}

/**
 * Takes over, into a journal no desk has open, what its standbys remember. Doing it again adds nothing.
 * Throws DeskError naming the file and the remedy.
 */
export function adoptJournalStandbys(path: string): readonly Adopted[] {
  const journal = openForWriting(path);
  try {
    const adopted = adoptStandbys(journal);
    if (adopted.ok) return adopted.value;
    const { error } = adopted;
    const code = error.code === 'journal-in-use' ? error.code : 'refused';
    const where = { field: 'standby', value: error.path, remedy: error.remedy };
    throw new DeskError({ code, message: adoptErrorText(error), ...where });
  } finally {
    journal.close();
  }
}

/** Where the journal of a profile lies. */
export const profileJournal = (dataFolder: string, profile: string): string =>
  join(dataFolder, 'profiles', profile, 'journal.db');

/** What came of importing a file: the report, or null when the preview says why nothing was imported. */
export type FileImport = { readonly preview: ImportPreview; readonly report: ImportReport | null };

/**
 * Imports a file of executions into a journal no desk has open; a preview writes nothing and may look at one in use.
 * Throws DeskError 'journal-in-use', or one that names the journal and the remedy.
 */
export async function importIntoJournal(
  path: string,
  file: UploadedFile,
  how: { readonly options: ImportOptions; readonly isPreview: boolean },
): Promise<FileImport> {
  const journal = how.isPreview ? openForReading(path) : openForWriting(path);
  const clock = createClock(epochMs(Date.now()));
  try {
    const plan = (one: ImportFile) => Promise.resolve(planImport(journal, one));
    const imports = createImports({ journal, clock, ids: createIds(clock), plan });
    const preview = await imports.previewImport(file, how.options);
    const isKnown = preview.added === 0 && preview.known > 0 && isClear(preview);
    if (how.isPreview || !(preview.canImport || isKnown)) return { preview, report: null };
    return { preview, report: await imports.commitImport(file, how.options) };
  } finally {
    journal.close();
  }
}

/** The column mapping a journal has under a name; null when it has none. Throws DeskError as any reading does. */
export function journalMapping(path: string, name: string): ImportMapping | null {
  const journal = openForReading(path);
  try {
    return savedMappings(journal).get(name) ?? null;
  } finally {
    journal.close();
  }
}

/** Keeps a column mapping in a journal no desk has open; one it has already under the name is replaced. */
export function saveJournalMapping(path: string, name: string, mapping: ImportMapping): void {
  const journal = openForWriting(path);
  try {
    const event = { kind: 'import-mapping', name, mapping } as const;
    appendOrRefuse(journal, [{ at: epochMs(Date.now()), event }], 'the mapping was not saved');
  } finally {
    journal.close();
  }
}

const isClear = (preview: ImportPreview): boolean =>
  preview.questions.length === 0 && preview.errorCount === 0 && preview.conflictCount === 0;

/** Writes an export of a journal, also of one in use, to a file that must not be there yet. */
export async function exportJournal(path: string, request: ExportRequest, out: string): Promise<WrittenExport> {
  const journal = openForReading(path);
  try {
    return await writeExport(journal, request, out);
  } catch (error) {
    if (error instanceof DeskError || !(error instanceof Error && 'code' in error)) throw error;
    const isTaken = error.code === 'EEXIST';
    throw new DeskError({
      code: 'refused',
      message: isTaken ? 'there is a file of this name already' : `this file cannot be written (${error.message})`,
      field: '--out',
      value: out,
      remedy: isTaken ? 'choose another name' : 'check the folder and that the disk has room',
    });
  } finally {
    journal.close();
  }
}

export type ArchiveImport = ArchiveSummary & {
  readonly decisions: number;
  readonly fills: number;
  readonly trades: number;
  /** False when decisions in it recompute to another answer: they were made by another version of the desk. */
  readonly isSound: boolean;
};

/** Makes a new journal of an archive and verifies it. Throws DeskError naming the file and the remedy. */
export async function importArchive(archive: string, target: string): Promise<ArchiveImport> {
  const read = await readArchive(createReadStream(archive), target, decide);
  if (!read.ok) throw archiveError(read.error, archive, target);
  const { decisions, fills, trades, isSound } = read.value.report;
  return { ...read.value.summary, decisions, fills, trades, isSound };
}

function archiveError(error: ArchiveError, archive: string, target: string): DeskError {
  const about = (field: 'archive' | 'journal', message: string): DeskError => {
    const value = field === 'archive' ? archive : target;
    return new DeskError({ code: 'refused', message, field, value, remedy: error.remedy });
  };
  switch (error.code) {
    case 'not-an-archive':
      return about('archive', `this is not an archive of a journal: ${error.detail}`);
    case 'newer-archive':
      return about('archive', `it was written by a newer desk (${error.found}; this one reads ${error.supported})`);
    case 'truncated':
      return about('archive', `the archive is cut short: ${error.detail}`);
    case 'damaged':
      return about('archive', `the archive is damaged at line ${error.line}: ${error.detail}`);
    case 'target-exists':
      return about('journal', 'there is a journal, or what is left of one, at this path');
    case 'not-sound': {
      const first = error.report.findings[0];
      return about('archive', `the journal in it does not verify: ${first?.check ?? ''} ${first?.detail ?? ''}`);
    }
    case 'cannot-write':
      return about('journal', `it cannot be written: ${error.detail}`);
    default:
      return openError(error);
  }
}
