import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { WebSocket } from 'ws';
import type { ServerFrame } from '#shared/contract/frames.ts';
import type { Wire } from '#shared/contract/wire.ts';
import { linkClient } from '#desk/serve.ts';
import type { Door, Link } from '#desk/serve.ts';
import { startHttpShell } from '#shells/http/server.ts';

/** A wire whose line can be cut and joined again, and that can carry what no client would send. */
export type TestWire = {
  readonly wire: Wire;
  /** Sends anything; what the transport itself cannot carry is left out. */
  sendRaw(raw: unknown): void;
  drop(): Promise<void>;
  rejoin(): Promise<void>;
  close(): Promise<void>;
};

type Line = { send(raw: unknown): void; close(): void };

/** The half that all test wires share: listeners, and a line that comes and goes. */
function switchboard(dial: (onFrame: (frame: ServerFrame) => void, onDown: () => void) => Promise<Line>) {
  const frames = new Set<(frame: ServerFrame) => void>();
  const states = new Set<(state: 'open' | 'closed') => void>();
  let line: Line | null = null;
  const tell = (state: 'open' | 'closed') => {
    for (const listener of states) listener(state);
  };
  const down = (): void => {
    if (line === null) return;
    line = null;
    tell('closed');
  };
  const wire: Wire = {
    send: (frame) => {
      if (line === null) throw new Error('the line is down');
      line.send(frame);
    },
    onFrame: (listener) => {
      frames.add(listener);
      return () => void frames.delete(listener);
    },
    onState: (listener) => {
      states.add(listener);
      if (line !== null) listener('open');
      return () => void states.delete(listener);
    },
    close: () => line?.close(),
  };
  return {
    wire,
    sendRaw: (raw: unknown) => line?.send(raw),
    rejoin: async () => {
      line = await dial((frame) => {
        for (const listener of frames) listener(frame);
      }, down);
      tell('open');
    },
    drop: () => {
      line?.close();
      down();
      return Promise.resolve();
    },
  };
}

/** Frames go by function call, one turn later, so that nothing is answered before it was asked. */
export async function inProcessWire(door: Door): Promise<TestWire> {
  const board = switchboard((onFrame) => {
    let isUp = true;
    const link: Link = linkClient(door, {
      send: (frame) => queueMicrotask(() => (isUp ? onFrame(frame) : undefined)),
    });
    return Promise.resolve({
      send: (raw) => queueMicrotask(() => link.receive(raw)),
      close: () => {
        isUp = false;
        link.close();
      },
    });
  });
  await board.rejoin();
  return { ...board, close: board.drop };
}

/** Frames are cloned as between Electron's processes. */
export async function messagePortWire(door: Door): Promise<TestWire> {
  const board = switchboard((onFrame) => {
    const { port1, port2 }: { port1: MessagePort; port2: MessagePort } = new MessageChannel();
    const link = linkClient(door, { send: (frame) => port1.postMessage(frame) });
    port1.on('message', (raw: unknown) => link.receive(raw));
    port2.on('message', onFrame);
    return Promise.resolve({
      send: (raw) => {
        try {
          port2.postMessage(raw);
        } catch (error) {
          // Functions and symbols cannot be cloned, so no other process can send them.
          if (!(error instanceof Error && error.name === 'DataCloneError')) throw error;
        }
      },
      close: () => {
        link.close();
        port2.removeAllListeners();
        port1.close();
      },
    });
  });
  await board.rejoin();
  return { ...board, close: board.drop };
}

/** Frames go over a real socket through the real HTTP shell. */
export async function webSocketWire(door: Door): Promise<TestWire> {
  const folder = await mkdtemp(path.join(tmpdir(), 'desk-page-'));
  const shell = await startHttpShell({ desk: door, staticFolder: folder });
  const board = switchboard(async (onFrame, onDown) => {
    const socket = new WebSocket(`${shell.origin.replace('http', 'ws')}/ws`, {
      origin: shell.origin,
      headers: { authorization: `Bearer ${shell.token}` },
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.on('message', (data: Buffer) => onFrame(JSON.parse(data.toString('utf8')) as ServerFrame));
    socket.on('close', onDown);
    return { send: (raw) => socket.send(asText(raw)), close: () => socket.terminate() };
  });
  await board.rejoin();
  return {
    ...board,
    close: async () => {
      await board.drop();
      await shell.close();
      await rm(folder, { recursive: true });
    },
  };
}

function asText(raw: unknown): string {
  try {
    const text: unknown = JSON.stringify(raw);
    return typeof text === 'string' ? text : 'undefined';
  } catch {
    return '{"not":"json"';
  }
}
