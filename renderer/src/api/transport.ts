import type { ClientFrame, ServerFrame } from '#shared/contract/frames.ts';
import type { Wire } from '#shared/contract/wire.ts';
import { createSlices } from './slices.ts';

/** What the preload script of the Electron shell puts on the window. */
export type DeskBridge = {
  readonly send: (frame: ClientFrame) => void;
  readonly onFrame: (listener: (frame: unknown) => void) => (() => void) | undefined;
  /** Shows the folder of the profile in the system's file manager. */
  readonly openFolder?: () => void;
};

declare global {
  interface Window {
    readonly desk?: DeskBridge;
  }
}

/** A wire that also says when it tries again, and can be told to try now. */
export interface Transport extends Wire {
  /** Time of the next attempt (epoch ms of this machine); null while up or trying. */
  onRetry(listener: (at: number | null) => void): () => void;
  retryNow(): void;
}

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 5_000;

/** Delay before attempt `attempt` (0 first): doubles up to 5 s, with up to a quarter of jitter taken off. */
export const backoffMs = (attempt: number, jitter: number): number =>
  Math.round(Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10)) * (1 - 0.25 * jitter));

/** A set of listeners; new ones may be told the present value by the caller. */
function listeners<T>() {
  const set = new Set<(value: T) => void>();
  return {
    add: (listener: (value: T) => void) => {
      set.add(listener);
      return () => void set.delete(listener);
    },
    tell: (value: T) => {
      for (const listener of [...set]) listener(value);
    },
  };
}

/** The wire through the preload bridge: it is up as long as the window is. */
export function bridgeTransport(bridge: DeskBridge): Transport {
  return {
    send: (frame) => bridge.send(frame),
    onFrame: (listener) => {
      // The client checks every frame against the contract; the wire only carries them.
      const stop = bridge.onFrame((raw) => listener(raw as ServerFrame));
      return () => stop?.();
    },
    onState: (listener) => {
      listener('open');
      return () => undefined;
    },
    onRetry: (listener) => {
      listener(null);
      return () => undefined;
    },
    retryNow: () => undefined,
    close: () => undefined,
  };
}

type SocketFactory = (url: string) => WebSocket;

/** The wire through a WebSocket: it reconnects by itself and never sends a frame twice. */
export function socketTransport(url: string, open: SocketFactory = (u) => new WebSocket(u)): Transport {
  const frames = listeners<ServerFrame>();
  const states = listeners<'open' | 'closed'>();
  const retries = listeners<number | null>();
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let state: 'open' | 'closed' = 'closed';
  let retryAt: number | null = null;
  let attempt = 0;
  let isStopped = false;

  const messages = createSlices<unknown>((data) => {
    const frame = parseFrame(data);
    if (frame !== null) frames.tell(frame);
  });
  const setRetry = (at: number | null) => {
    retryAt = at;
    retries.tell(at);
  };
  const setState = (next: 'open' | 'closed') => {
    if (next === state) return;
    state = next;
    states.tell(next);
  };
  const scheduleRetry = () => {
    if (isStopped) return;
    const delay = backoffMs(attempt, Math.random());
    attempt += 1;
    setRetry(Date.now() + delay);
    timer = setTimeout(connect, delay);
  };
  function connect(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    setRetry(null);
    const current = open(url);
    socket = current;
    current.onopen = () => {
      attempt = 0;
      setState('open');
    };
    current.onmessage = (event: MessageEvent<unknown>) => messages.add(event.data);
    current.onclose = () => {
      if (socket !== current) return;
      socket = null;
      // What came before the end is told before it.
      messages.flush();
      setState('closed');
      scheduleRetry();
    };
  }
  connect();

  return {
    send: (frame) => {
      // A frame for a closed wire is dropped: its call has already been rejected as disconnected.
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    },
    onFrame: frames.add,
    onState: (listener) => {
      listener(state);
      return states.add(listener);
    },
    onRetry: (listener) => {
      listener(retryAt);
      return retries.add(listener);
    },
    retryNow: () => {
      if (socket === null && !isStopped) connect();
    },
    close: () => {
      isStopped = true;
      messages.close();
      if (timer !== null) clearTimeout(timer);
      socket?.close();
    },
  };
}

/** Reads one text frame; the client checks it against the contract. What is not JSON is dropped: the desk never sends it. */
function parseFrame(data: unknown): ServerFrame | null {
  if (typeof data !== 'string') return null;
  try {
    return JSON.parse(data) as ServerFrame;
  } catch {
    return null;
  }
}

/** Opens the one wire of this window: the Electron bridge where it exists, else a WebSocket to the origin. */
export function openTransport(): Transport {
  if (window.desk !== undefined) return bridgeTransport(window.desk);
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
  return socketTransport(`${scheme}://${window.location.host}/ws`);
}
