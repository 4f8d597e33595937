import { createDeltaReader } from './deltas.ts';
import { contract } from './index.ts';
import type { InputOf, OperationName, OutputOf, PayloadOf, TopicName } from './index.ts';
import { DeskError } from './errors.ts';
import { readServerFrame } from './frames.ts';
import type { ServerFrame, WireEvent } from './frames.ts';
import type { DeskClient, LinkState, Wire } from './wire.ts';

type Pending = { readonly op: OperationName; resolve(output: unknown): void; reject(error: DeskError): void };
/** A plain union: `reply` has two forms, which a union discriminated by `kind` alone does not allow. */

type TopicListener = (payload: unknown, seq: number) => void;

export type ClientOptions = {
  /** Told of frames that do not fit the contract: a fault of the desk or of the wire, never of the caller. */
  readonly onFault?: (what: string, cause: unknown) => void;
};

const disconnected = (): DeskError =>
  new DeskError({
    code: 'disconnected',
    message: 'The connection to the desk is down.',
    remedy: 'Nothing is sent again by itself. Look at the orders once the connection is back.',
  });

/**
 * Makes the client of a wire. Answers and events are checked against the contract before anyone sees them.
 * Calls under way when the wire closes, and calls made while it is closed, reject with 'disconnected': a command is never
 * kept back and sent later, when its price and its moment have passed.
 */
export function createClient(wire: Wire, options: ClientOptions = {}): DeskClient {
  const calls = callTable(wire, options);
  const events = eventTable(options, () => wire.send({ kind: 'subscribe', after: null }));
  const link = linkTable();

  const onSubscribed = (frame: Extract<ServerFrame, { kind: 'subscribed' }>): void => {
    link.set('live');
    events.onSubscribed(frame);
  };
  const stopFrames = wire.onFrame((raw) => {
    const frame = readServerFrame(raw);
    if (!frame.success) options.onFault?.('frame', frame.error);
    else if (frame.data.kind === 'reply') calls.settle(frame.data);
    else if (frame.data.kind === 'events') events.onEvents(frame.data);
    else onSubscribed(frame.data);
  });
  const goDown = (): void => {
    calls.open(false);
    events.onClosed();
    link.set('disconnected');
  };
  const stopState = wire.onState((state) => {
    if (state === 'closed') {
      goDown();
      return;
    }
    calls.open(true);
    link.set('connecting');
    wire.send({ kind: 'subscribe', after: events.last() });
  });

  return {
    call: (name, input) => calls.call(name, input),
    on: (name, listener) => events.on(name, listener),
    onResync: (listener) => events.onResync(listener),
    onLink: (listener) => link.on(listener),
    close: () => {
      stopState();
      stopFrames();
      goDown();
      wire.close();
    },
  };
}

function callTable(wire: Wire, options: ClientOptions) {
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let isOpen = false;

  return {
    open: (now: boolean): void => {
      isOpen = now;
      if (now) return;
      const cut = [...pending.values()];
      pending.clear();
      for (const call of cut) call.reject(disconnected());
    },
    call: <N extends OperationName>(op: N, input: InputOf<N>): Promise<OutputOf<N>> => {
      if (!isOpen) return Promise.reject(disconnected());
      const id = nextId;
      nextId += 1;
      return new Promise<OutputOf<N>>((resolve, reject) => {
        // The answer was parsed by this operation's schema, which the compiler cannot see through the table.
        pending.set(id, { op, resolve: resolve, reject });
        try {
          wire.send({ kind: 'call', id, op, input });
        } catch (error) {
          pending.delete(id);
          options.onFault?.('send', error);
          reject(disconnected());
        }
      });
    },
    settle: (frame: Extract<ServerFrame, { kind: 'reply' }>): void => {
      const call = pending.get(frame.id);
      if (call === undefined) return;
      pending.delete(frame.id);
      if (!frame.ok) {
        call.reject(new DeskError(frame.error));
        return;
      }
      const output = contract[call.op].output.safeParse(frame.output);
      if (output.success) {
        call.resolve(output.data);
        return;
      }
      options.onFault?.(call.op, output.error);
      call.reject(new DeskError({ code: 'internal', message: 'The answer of the desk does not fit the contract.' }));
    },
  };
}

/** @param startAnew asks the desk for a subscription that begins with nothing, whatever came before */
function eventTable(options: ClientOptions, startAnew: () => void) {
  const listeners = new Map<TopicName, Set<TopicListener>>();
  const resyncListeners = new Set<() => void>();
  const deltas = createDeltaReader();
  /** Number of the last event seen; null before the first subscription. */
  let last: number | null = null;
  let isLive = false;

  const resync = (): void => {
    for (const listener of [...resyncListeners]) listener();
  };
  const onEvent = (seq: number, event: WireEvent): void => {
    // Seen already, or from before the subscription.
    if (!isLive || last === null || seq <= last) return;
    const hasGap = seq !== last + 1;
    last = seq;
    const payload = deltas.read(seq, event);
    if (payload.ok) {
      // Only a topic of the contract is read at all.
      for (const listener of [...(listeners.get(event.topic as TopicName) ?? [])]) listener(payload.value, seq);
    } else options.onFault?.(event.topic, payload.error.cause);
    if (!payload.ok && payload.error.code === 'lost-base') {
      // As if nothing had been seen: the desk starts anew, and with its word of that comes a snapshot.
      isLive = false;
      last = null;
      startAnew();
    } else if (hasGap || (!payload.ok && payload.error.code !== 'no-topic')) resync();
  };

  return {
    last: () => last,
    onClosed: () => {
      isLive = false;
    },
    onSubscribed: (frame: Extract<ServerFrame, { kind: 'subscribed' }>): void => {
      const isFirst = last === null;
      isLive = true;
      last = frame.seq;
      deltas.clear();
      if (isFirst || !frame.isComplete) resync();
    },
    onEvents: ({ seq, events }: Extract<ServerFrame, { kind: 'events' }>): void => {
      for (const [i, event] of events.entries()) onEvent(seq + i, event);
    },
    on: <N extends TopicName>(name: N, listener: (payload: PayloadOf<N>, seq: number) => void): (() => void) => {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      // Safe for the same reason as answers: only payloads parsed by this topic's schema reach the set.
      const entry: TopicListener = (payload, seq) => listener(payload as PayloadOf<N>, seq);
      set.add(entry);
      return () => void set.delete(entry);
    },
    onResync: (listener: () => void): (() => void) => {
      const entry = (): void => listener();
      resyncListeners.add(entry);
      // Whoever comes late has missed the first call.
      if (isLive) entry();
      return () => void resyncListeners.delete(entry);
    },
  };
}

function linkTable() {
  const listeners = new Set<(state: LinkState) => void>();
  let state: LinkState = 'connecting';
  return {
    set: (next: LinkState): void => {
      if (next === state) return;
      state = next;
      for (const listener of [...listeners]) listener(next);
    },
    on: (listener: (state: LinkState) => void): (() => void) => {
      const entry = (now: LinkState): void => listener(now);
      listeners.add(entry);
      entry(state);
      return () => void listeners.delete(entry);
    },
  };
}
