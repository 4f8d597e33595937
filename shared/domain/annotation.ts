import { z } from 'zod';
import { epochMsSchema } from '#shared/units.ts';

const label = z.string().trim().min(1).max(40);

/** What an annotation is about: a closed trade or a recommendation. */
export const subjectSchema = z.strictObject({
  kind: z.enum(['trade', 'recommendation']),
  id: z.string().min(1).max(500),
});
export type Subject = z.output<typeof subjectSchema>;

/** The trader's own words on a trade or a recommendation. Writing again replaces what is shown; all of it is kept. */
export const annotationBodySchema = z.strictObject({
  tags: z.array(label).max(20),
  setup: label.nullable(),
  mistakes: z.array(label).max(20),
  /** 1 (poor) to 5 (textbook), for the execution, not the result. */
  rating: z.number().int().min(1).max(5).nullable(),
  note: z.string().max(20_000),
  /** SHA-256 of each picture, stored beside the journal. */
  screenshots: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(20),
});
export type AnnotationBody = z.output<typeof annotationBodySchema>;

export const annotationSchema = z.strictObject({
  subject: subjectSchema,
  ...annotationBodySchema.shape,
  at: epochMsSchema,
});
export type Annotation = z.output<typeof annotationSchema>;

/** A picture kept beside the journal, named by its content. */
export const attachmentSchema = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  mediaType: z.enum(['image/png', 'image/jpeg', 'image/webp']),
  size: z.number().int().positive(),
});
export type Attachment = z.output<typeof attachmentSchema>;

const ENDINGS = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/webp': 'webp' } as const;

/** Where a picture lies, below the folder its journal is in: `attachments/ab/ab….png`. */
export const attachmentPath = ({ sha256, mediaType }: Pick<Attachment, 'sha256' | 'mediaType'>): string =>
  `attachments/${sha256.slice(0, 2)}/${sha256}.${ENDINGS[mediaType]}`;
