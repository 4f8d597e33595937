import { z } from 'zod';
import { deskErrorSchema } from './errors.ts';

/**
 * The frames of a two-way wire (WebSocket, message port). Events carry a sequence number that grows by one, so a client
 * that reconnects asks for what came after the last one it saw and learns whether the desk still has it.
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

export const serverFrameSchema = z.discriminatedUnion('kind', [
  replySchema,
  /** The stream is on; the next event has a sequence number above `seq`. `isComplete` is false when events were lost. */
  z.strictObject({ kind: z.literal('subscribed'), seq: z.number().int().min(0), isComplete: z.boolean() }),
  z.strictObject({ kind: z.literal('event'), seq: z.number().int().min(0), topic: z.string(), payload: z.unknown() }),
]);
export type ServerFrame = z.output<typeof serverFrameSchema>;
