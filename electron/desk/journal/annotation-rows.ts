import {
  type Annotation,
  type AnnotationBody,
  type Attachment,
  type Subject,
  annotationBodySchema,
  annotationSchema,
  attachmentSchema,
} from '#shared/domain/annotation.ts';
import { canonicalJson } from './canonical.ts';
import type { DerivedRow } from './derived-tables.ts';

export type AnnotationRecord = {
  readonly seq: number;
  readonly at: number;
  readonly subject: Subject;
  readonly body: AnnotationBody;
};

export const annotationRow = ({ seq, at, subject, body }: AnnotationRecord): DerivedRow => ({
  subject_kind: subject.kind,
  subject_id: subject.id,
  seq,
  at,
  rating: body.rating,
  body: canonicalJson(body),
});

/** One row per label, however often the annotation names it. */
export function labelRows(subject: Subject, body: AnnotationBody): readonly DerivedRow[] {
  const rows = (kind: string, labels: readonly string[]): DerivedRow[] =>
    [...new Set(labels)].map((label) => ({ kind, label, subject_kind: subject.kind, subject_id: subject.id }));
  return [
    ...rows('tag', body.tags),
    ...rows('setup', body.setup === null ? [] : [body.setup]),
    ...rows('mistake', body.mistakes),
  ];
}

/** The annotation of a row that holds its subject, its time and its body. */
export const annotationOfRow = (row: DerivedRow): Annotation =>
  annotationSchema.parse({
    subject: { kind: row['subject_kind'], id: row['subject_id'] },
    at: row['at'],
    ...annotationBodySchema.parse(JSON.parse(String(row['body']))),
  });

export const attachmentRow = (seq: number, attachment: Attachment): DerivedRow => ({
  sha256: attachment.sha256,
  seq,
  media_type: attachment.mediaType,
  size: attachment.size,
});

export const attachmentOfRow = (row: DerivedRow): Attachment =>
  attachmentSchema.parse({ sha256: row['sha256'], mediaType: row['media_type'], size: row['size'] });
