import { z } from 'zod';
import { deskErrorSchema } from './errors.ts';

/**
 * The frames of a two-way wire (WebSocket, message port). Events carry a sequence number that grows by one, so a client
 * that reconnects asks for what came after the last one it saw and learns whether the desk still has it. Events that are
 * ready together go together.
 */
export const clientFrameSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('call'), id: z.number().int().min(0), op: z.string().max(80), input: z.unknown() }),
  /** Start (or restart) the event stream after `after`; null means from now. */
  z.strictObject({ kind: z.literal('subscribe'), after: z.number().int().min(0).nullable() }),
]);
export type ClientFrame = z.output<typeof clientFrameSchema>;

const replySchema = z.discriminatedUnion('ok', [
  z.strictObject({ kind: z.literal('reply'), id: z.number().int().min(0), ok: z.literal(true), output: z.unknown() }),
  z.strictObject({
    kind: z.literal('reply'),
    id: z.number().int().min(0),
    ok: z.literal(false),
    error: deskErrorSchema,
  }),
]);

const seqSchema = z.number().int().min(0);

/** One event as it travels: its payload, or what changed since the event `base` about the same thing. */
const wireEventSchema = z.discriminatedUnion('as', [
  z.strictObject({ as: z.literal('whole'), topic: z.string(), payload: z.unknown() }),
  z.strictObject({
    as: z.literal('changes'),
    topic: z.string(),
    key: z.string(),
    base: seqSchema,
    /** New values by the path of their field. */
    set: z.array(z.tuple([z.string(), z.unknown()])),
    /** Fields that are gone. */
    unset: z.array(z.string()),
  }),
]);
export type WireEvent = z.output<typeof wireEventSchema>;

export const serverFrameSchema = z.discriminatedUnion('kind', [
  replySchema,
  /** The stream is on; the next event has a sequence number above `seq`. `isComplete` is false when events were lost. */
  z.strictObject({ kind: z.literal('subscribed'), seq: seqSchema, isComplete: z.boolean() }),
  /** Events without a gap between them; `seq` is the number of the first. */
  z.strictObject({ kind: z.literal('events'), seq: seqSchema, events: z.array(wireEventSchema).min(1) }),
]);
export type ServerFrame = z.output<typeof serverFrameSchema>;

type Fields = Readonly<Record<string, unknown>>;

/** An object with so many fields of its own; when each of as many names is then found to be there, it has no other. */
const hasFields = (value: unknown, count: number): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === count;

const isText = (value: unknown): value is string => typeof value === 'string';
const isSeq = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isSet = (value: unknown): boolean => Array.isArray(value) && value.length === 2 && isText(value[0]);

function isWireEvent(value: unknown): boolean {
  if (hasFields(value, 6)) {
    const { as, topic, key, base, set, unset } = value;
    if (as !== 'changes' || !isText(topic) || !isText(key) || !isSeq(base)) return false;
    return Array.isArray(set) && set.every(isSet) && Array.isArray(unset) && unset.every(isText);
  }
  return hasFields(value, 3) && value['as'] === 'whole' && isText(value['topic']) && Object.hasOwn(value, 'payload');
}

function isEvents(raw: unknown): raw is Extract<ServerFrame, { kind: 'events' }> {
  if (!hasFields(raw, 3)) return false;
  const { kind, seq, events } = raw;
  return kind === 'events' && isSeq(seq) && Array.isArray(events) && events.length > 0 && events.every(isWireEvent);
}

/**
 * Reads a frame of the desk. One of hundreds of events, as they come ten times a second, is looked through by hand, for
 * the schema takes many times as long and copies all of it; whatever is not plainly such a frame the schema judges.
 */
export const readServerFrame = (raw: unknown): z.ZodSafeParseResult<ServerFrame> =>
  isEvents(raw) ? { success: true, data: raw } : serverFrameSchema.safeParse(raw);
