import { z } from 'zod';
import { clientFrameSchema } from '#shared/contract/frames.ts';
import type { ClientFrame, ServerFrame } from '#shared/contract/frames.ts';
import { contract, isOperation } from '#shared/contract/index.ts';
import type { Handlers } from '#shared/contract/index.ts';
import type { DeskErrorData } from '#shared/contract/errors.ts';
import { sendEvents } from './event-sender.ts';
import type { EventStream } from './event-stream.ts';
import { serve } from './serve-operation.ts';
import type { OnIncident } from './serve-operation.ts';

/** What a shell needs of a desk. An open desk is one. */
export type Door = {
  readonly handlers: Handlers;
  readonly stream: EventStream;
  readonly onIncident?: OnIncident;
};

/** The sending half of one transport. */
export type LinkPort = {
  send(frame: ServerFrame): void;
  /** True while the transport holds so much unsent that events must wait. They wait in the stream's ring, not here. */
  isBusy?(): boolean;
};

/** One connected client of any transport. */
export type Link = {
  /** Takes one frame as it came, trusted in nothing. */
  receive(raw: unknown): void;
  /** Tells the link that a busy transport can send again. */
  drained(): void;
  close(): void;
};

/**
 * A client of ours has a handful of calls under way; queries beyond this are a fault and are refused. Commands never
 * are: halting, cancelling and flattening wait behind nothing.
 */
const MAX_CALLS_UNDER_WAY = 256;
const callIdSchema = z.looseObject({ kind: z.literal('call'), id: z.number().int().min(0) });

/**
 * Connects one client: answers its calls, and after `subscribe` passes on events in order without a gap, those that
 * are published in one go together. An answer never overtakes an event that came before it.
 * When the client is too slow for the ring it gets `subscribed` with `isComplete: false`, which sends it to the snapshot.
 */
export function linkClient(door: Door, port: LinkPort): Link {
  const events = sendEvents(door, port);
  let callsUnderWay = 0;
  let isClosed = false;

  const answer = async (frame: Extract<ClientFrame, { kind: 'call' }>): Promise<void> => {
    if (callsUnderWay >= MAX_CALLS_UNDER_WAY && !isCommand(frame.op)) {
      port.send({ kind: 'reply', id: frame.id, ok: false, error: tooManyCalls });
      return;
    }
    callsUnderWay += 1;
    const result = await serve(door.handlers, frame.op, frame.input, door.onIncident);
    callsUnderWay -= 1;
    if (isClosed) return;
    events.flush();
    port.send({ kind: 'reply', id: frame.id, ...result });
  };

  return {
    receive: (raw) => {
      if (isClosed) return;
      const frame = clientFrameSchema.safeParse(raw);
      if (!frame.success) {
        const call = callIdSchema.safeParse(raw);
        if (call.success) port.send({ kind: 'reply', id: call.data.id, ok: false, error: badFrame });
      } else if (frame.data.kind === 'call') void answer(frame.data);
      else events.start(frame.data.after);
    },
    drained: () => {
      if (!isClosed) events.resume();
    },
    close: () => {
      isClosed = true;
      events.stop();
    },
  };
}

const isCommand = (op: string): boolean => isOperation(op) && contract[op].kind === 'command';

const tooManyCalls: DeskErrorData = {
  code: 'refused',
  message: 'Too many calls are under way on this connection.',
  field: null,
  value: null,
  remedy: 'Wait for the answers before asking again.',
  incident: null,
};

const badFrame: DeskErrorData = {
  code: 'invalid-input',
  message: 'The call is not a frame of this contract.',
  field: null,
  value: null,
  remedy: 'Send { kind, id, op, input } and nothing else.',
  incident: null,
};
