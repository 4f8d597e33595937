import { z } from 'zod';
import { clientFrameSchema } from '#shared/contract/frames.ts';
import type { ClientFrame, ServerFrame } from '#shared/contract/frames.ts';
import { contract, isOperation } from '#shared/contract/index.ts';
import type { Handlers } from '#shared/contract/index.ts';
import type { DeskErrorData } from '#shared/contract/errors.ts';
import type { EventStream, StreamEvent, Subscription } from './event-stream.ts';
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
 * Connects one client: answers its calls, and after `subscribe` passes on events in order without a gap.
 * When the client is too slow for the ring it gets `subscribed` with `isComplete: false`, which sends it to the snapshot.
 */
export function linkClient(door: Door, port: LinkPort): Link {
  const events = eventSender(door.stream, port);
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
    if (!isClosed) port.send({ kind: 'reply', id: frame.id, ...result });
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

function eventSender(stream: EventStream, port: LinkPort) {
  let subscription: Subscription | null = null;
  /** Number of the last event handed to the transport. */
  let sent = 0;
  let isPaused = false;

  const stop = (): void => {
    subscription?.stop();
    subscription = null;
  };
  const pass = (event: StreamEvent): void => {
    if (isPaused) return;
    if (port.isBusy?.() === true) {
      isPaused = true;
      stop();
      return;
    }
    sent = event.seq;
    port.send({ kind: 'event', seq: event.seq, topic: event.topic, payload: event.payload });
  };
  /** Subscribes and says so before the first event, whatever is replayed. Silent when a pause was bridged completely. */
  const start = (after: number | null, isSilentWhenComplete: boolean): void => {
    stop();
    isPaused = false;
    const replay: StreamEvent[] = [];
    let isReplaying = true;
    const next = stream.subscribe(after, (event) => {
      if (isReplaying) replay.push(event);
      else pass(event);
    });
    isReplaying = false;
    subscription = next;
    sent = next.isComplete && after !== null ? after : next.seq;
    if (!(next.isComplete && isSilentWhenComplete)) {
      port.send({ kind: 'subscribed', seq: sent, isComplete: next.isComplete });
    }
    for (const event of replay) pass(event);
  };

  return {
    start: (after: number | null) => start(after, false),
    resume: () => {
      if (isPaused && port.isBusy?.() !== true) start(sent, true);
    },
    stop: () => {
      isPaused = false;
      stop();
    },
  };
}

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
