import { z } from 'zod';
import { type SizingSnapshot, sizingSnapshotSchema } from '#shared/domain/sizing.ts';
import { type JournalEvent, type JournalEventOf, decisionEventSchema, journalEventSchema } from '#desk/ports/events.ts';

/**
 * What an event is stored as. All are stored as they are but decisions: most of what one looks at (settings, the book,
 * correlations) is what the one before it looked at, and would be most of the journal. Such a part is written out once,
 * and later decisions name the event that holds it.
 */

/** Parts of a snapshot that may be named. Columns and lists are read from the others by SQL. */
export const SHARED_PARTS = ['calibrator', 'config', 'correlations', 'exposures'] as const;
export type SharedPart = (typeof SHARED_PARTS)[number];
export type SharedParts = Pick<SizingSnapshot, SharedPart>;

const seqSchema = z.number().int().positive();
const { calibrator, config, correlations, exposures } = sizingSnapshotSchema.shape;
export const PART_SCHEMAS = { calibrator, config, correlations, exposures };

const recordedSnapshotSchema = sizingSnapshotSchema.extend({
  ...{ calibrator: calibrator.optional(), config: config.optional() },
  ...{ correlations: correlations.optional(), exposures: exposures.optional() },
  /** The events that hold the parts that are not here. They hold them themselves, and came before. */
  same: z
    .strictObject({
      ...{ calibrator: seqSchema.optional(), config: seqSchema.optional() },
      ...{ correlations: seqSchema.optional(), exposures: seqSchema.optional() },
    })
    .optional(),
});
export type RecordedSnapshot = z.output<typeof recordedSnapshotSchema>;

const recordedDecisionSchema = decisionEventSchema.extend({ snapshot: recordedSnapshotSchema });
type RecordedDecision = z.output<typeof recordedDecisionSchema>;

/** An event as it is stored. */
export type EventRecord = Exclude<JournalEvent, JournalEventOf<'decision'>> | RecordedDecision;

export const eventRecordSchema = z.discriminatedUnion('kind', [
  recordedDecisionSchema,
  ...journalEventSchema.options.filter((option) => option !== decisionEventSchema),
]);

const HOLDER = 'a decision holds each part of its snapshot, or names the earlier event that does';

type Stored = {
  readonly seq: number;
  readonly parts: Omit<RecordedSnapshot, 'same'>;
  readonly same: RecordedSnapshot['same'];
};

/** A part where it stands, or from the event that is named. Throws where there are both or neither, or it is not there. */
function partOf<P extends SharedPart>(
  part: P,
  { seq: own, parts, same }: Stored,
  held: (seq: number) => RecordedSnapshot | null,
): SharedParts[P] {
  const [here, at] = [parts[part], same?.[part]];
  if ((here === undefined) === (at === undefined)) throw new Error(`event ${own}: ${part}: ${HOLDER}`);
  const found = at === undefined ? here : at < own ? held(at)?.[part] : undefined;
  if (found === undefined) throw new Error(`event ${own}: ${part} is not in event ${String(at)}: ${HOLDER}`);
  return found as SharedParts[P];
}

/** Makes the event of a record. `held` reads the snapshot of an earlier decision as it is stored. */
export function eventOf(
  seq: number,
  record: EventRecord,
  held: (seq: number) => RecordedSnapshot | null,
): JournalEvent {
  if (record.kind !== 'decision') return record;
  const { same, ...parts } = record.snapshot;
  const stored: Stored = { seq, parts, same };
  const snapshot = {
    ...parts,
    calibrator: partOf('calibrator', stored, held),
    config: partOf('config', stored, held),
    correlations: partOf('correlations', stored, held),
    exposures: partOf('exposures', stored, held),
  };
  return { ...record, snapshot };
}
