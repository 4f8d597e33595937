import { type Socket, connect } from 'node:net';
import type { VenueFrame, VenueLink } from '#desk/adapters/brokers/paper-wire.ts';

/** The paper venue's messages over TCP: each one line of JSON. Both ends are ours and of one version. */
export const writeFrame = (socket: Socket, frame: unknown, onGone?: () => void): void => {
  if (socket.writable) socket.write(`${JSON.stringify(frame)}\n`, () => onGone?.());
};

/** Calls `take` with every whole message that comes in, as it was written. */
export function readFrames(socket: Socket, take: (line: string) => void): void {
  let left = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    left += String(chunk);
    const lines = left.split('\n');
    left = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
}

export type TcpLinkOptions = {
  readonly port: number;
  /** Told when a request's bytes have been handed to the system. */
  readonly onSent?: (kind: string) => void;
  /** Told of what came in, before the broker is. */
  readonly onHeard?: (frame: VenueFrame) => void;
};

/** Makes a link to a venue that lives in another process. */
export function createTcpLink({ port, onSent, onHeard }: TcpLinkOptions): VenueLink {
  return {
    open: ({ onFrame, onDown }) => {
      const socket = connect({ port, host: '127.0.0.1' });
      let isOver = false;
      const down = (why: string): void => {
        if (isOver) return;
        isOver = true;
        socket.destroy();
        onDown(why);
      };
      socket.setNoDelay(true);
      socket.on('error', (error) => down(error.message));
      socket.on('close', () => down('the venue hung up'));
      readFrames(socket, (line) => {
        if (isOver) return;
        const frame = JSON.parse(line) as VenueFrame;
        onHeard?.(frame);
        onFrame(frame);
      });
      return {
        send: (frame) => writeFrame(socket, frame, () => onSent?.(frame.request.kind)),
        close: () => {
          isOver = true;
          socket.destroy();
        },
      };
    },
  };
}
