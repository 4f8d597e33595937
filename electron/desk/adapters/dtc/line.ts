import { createConnection } from 'node:net';

export type Address = { readonly host: string; readonly port: number };

export type LineEnds = {
  readonly onData: (chunk: Buffer) => void;
  /** The other side has gone. Not told after `close`. */
  readonly onDown: (why: string) => void;
};

/** A TCP connection that stands. */
export interface Line {
  /** Hands bytes to the socket; false when there is none any more, and then no byte has left. */
  readonly write: (bytes: Uint8Array) => boolean;
  /** Hangs up, after a last word where one is given. Nothing more is heard. */
  readonly close: (lastWord?: Uint8Array) => void;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: is the DTC server on, and is this its port?',
  ENOTFOUND: 'there is no computer of that name',
  EHOSTUNREACH: 'there is no way to that computer',
  ENETUNREACH: 'there is no way to that computer',
  ETIMEDOUT: 'it does not answer',
  ECONNRESET: 'the server cut the connection',
  EPIPE: 'the server cut the connection',
};
const reasonOf = (error: NodeJS.ErrnoException): string => REASONS[error.code ?? ''] ?? error.message;

/** Connects, or rejects with a sentence. `signal` gives the attempt up; it has no power over a line that stands. */
export function openLine({ host, port }: Address, ends: LineEnds, signal: AbortSignal): Promise<Line> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, noDelay: true, keepAlive: true });
    let isOver = false;
    let isConnected = false;
    const giveUp = (): void => fail('the attempt was given up');
    const fail = (why: string): void => {
      if (isOver) return;
      isOver = true;
      signal.removeEventListener('abort', giveUp);
      socket.destroy();
      if (isConnected) ends.onDown(why);
      else reject(new Error(`${host}:${port}: ${why}`));
    };
    socket.on('connect', () => {
      if (isOver) return;
      isConnected = true;
      signal.removeEventListener('abort', giveUp);
      resolve({
        write: (bytes) => !isOver && socket.writable && (socket.write(bytes), true),
        close: (lastWord) => {
          if (isOver) return;
          isOver = true;
          if (lastWord === undefined) socket.destroy();
          else socket.end(lastWord, () => socket.destroy());
        },
      });
    });
    socket.on('data', (chunk: Buffer) => {
      if (!isOver) ends.onData(chunk);
    });
    socket.on('error', (error) => fail(reasonOf(error)));
    socket.on('end', () => fail('the server closed the connection'));
    socket.on('close', () => fail('the server closed the connection'));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}
