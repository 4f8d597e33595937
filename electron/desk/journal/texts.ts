import type { AnnotationBody, Subject } from '#shared/domain/annotation.ts';
import type { TraderReason } from '#shared/domain/recommendation.ts';
import type { DerivedRow } from './derived-tables.ts';

/** Marks around matched words in an excerpt; taken out of what is searched, so that they mean nothing else. */
export const MATCH_MARKS = ['\uE000', '\uE001'] as const;
const MARKS = /[\uE000\uE001]/g;

/** What can be found of one subject: its labels, its note, and why the trader changed or rejected it. */
export type SubjectText = {
  readonly at: number;
  readonly labels: string;
  readonly note: string;
  readonly reason: string;
};

/** What an event changes of a subject's text. */
export type TextChange = Omit<SubjectText, 'at'> | Pick<SubjectText, 'reason'> | Omit<SubjectText, 'at' | 'reason'>;

export const annotationText = (body: AnnotationBody): Pick<SubjectText, 'labels' | 'note'> => ({
  labels: [...body.tags, ...(body.setup === null ? [] : [body.setup]), ...body.mistakes].join(', ').replace(MARKS, ' '),
  note: body.note.replace(MARKS, ' '),
});

export const reasonText = ({ code, text }: TraderReason): Pick<SubjectText, 'reason'> => ({
  reason: (text === '' ? code : `${code}: ${text}`).replace(MARKS, ' '),
});

/** The text of a subject after an event; null when nothing is left to be found. */
export function textAfter(before: SubjectText | null, change: TextChange, at: number): SubjectText | null {
  const after = { labels: '', note: '', reason: '', ...before, ...change, at };
  return after.labels === '' && after.note === '' && after.reason === '' ? null : after;
}

export const textRow = ({ kind, id }: Subject, text: SubjectText): DerivedRow => ({
  subject_kind: kind,
  subject_id: id,
  at: text.at,
  labels: text.labels,
  note: text.note,
  reason: text.reason,
});

export const textOfRow = (row: DerivedRow): SubjectText => ({
  at: Number(row['at']),
  labels: String(row['labels']),
  note: String(row['note']),
  reason: String(row['reason']),
});

/**
 * Makes a search of what a person typed: every word, in any order, each as the beginning of one. Nothing in it is read
 * as search syntax. Null when there is no word in it.
 */
export function searchQuery(text: string): string | null {
  const words = text.split(/[\s\0]+/u).filter((word) => /[\p{L}\p{N}\p{Co}]/u.test(word));
  if (words.length === 0) return null;
  return words.map((word) => `"${word.replaceAll('"', '""')}"*`).join(' ');
}
