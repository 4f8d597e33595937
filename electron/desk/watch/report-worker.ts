import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { DeskError } from '#shared/contract/errors.ts';
import { openJournal, type SqliteJournal } from '#desk/journal/open-journal.ts';
import { openErrorText } from '#desk/records/open-error-text.ts';
import { monthsOf, rollingOf } from '#desk/records/performance-detail.ts';
import { performanceHistory } from '#desk/records/performance-history.ts';
import { calibrationPreview } from './calibration-preview.ts';
import { journalReport } from './models-report.ts';
import type { Answer, Question, Questions, QuestionKind } from './report-thread.ts';
import { createTrackRecord, type TrackRecord } from './track-record.ts';

const { journalPath } = z.strictObject({ journalPath: z.string() }).parse(workerData);

let opened: { readonly journal: SqliteJournal; readonly record: TrackRecord } | null = null;

/** The journal as a reader has it; opened with the first question and kept. */
function reading(): NonNullable<typeof opened> {
  if (opened !== null) return opened;
  const result = openJournal({ path: journalPath, mode: 'read' });
  if (!result.ok) {
    throw new DeskError({ code: 'refused', message: openErrorText(result.error), remedy: result.error.remedy });
  }
  opened = { journal: result.value, record: createTrackRecord(result.value) };
  return opened;
}

function answer(question: Question): Questions[QuestionKind]['output'] {
  const { journal, record } = reading();
  switch (question.kind) {
    case 'models':
      record.follow();
      return journalReport(record, question.input);
    case 'preview':
      record.follow();
      return calibrationPreview(record, journal, question.input);
    case 'performance':
      return performanceHistory({ ...question.input, journal });
    case 'rolling':
      return rollingOf(journal, question.input);
    case 'months':
      return monthsOf(journal, question.input);
  }
}

function answered(question: Question): Answer {
  const { id } = question;
  try {
    return { id, value: answer(question) };
  } catch (error) {
    if (error instanceof DeskError) return { id, refused: error.data };
    return { id, failed: error instanceof Error ? (error.stack ?? error.message) : 'unknown error' };
  }
}

parentPort?.on('message', (question: Question) => parentPort?.postMessage(answered(question)));
