import { z } from 'zod';
import type { IBApi } from './library.ts';

/** No message of TWS is longer. */
const LONGEST = 0xff_ff_ff;
const HEADER = 4;

/** What reads the stream: whole messages in, or the reason why there will be none. */
export interface FrameGuard {
  /** Takes bytes as they come; returns the whole frames in them, each with its header, or what is wrong. */
  readonly take: (chunk: Buffer) => { readonly frames: Buffer | null; readonly fault: string | null };
}

/**
 * Checks the framing (four bytes of length, big-endian, then that many bytes) before the library reads it: a negative
 * length makes the library's own loop run for ever, and it copies its whole buffer for each chunk.
 */
export function createFrameGuard(): FrameGuard {
  let pieces: Buffer[] = [];
  let held = 0;
  /** Bytes needed before anything can be said: a header, or a header with its message. */
  let needed = HEADER;

  const fault = (length: number): string | null =>
    length < 1 || length > LONGEST ? 'what answers does not speak the protocol of TWS' : null;

  return {
    take: (chunk) => {
      pieces.push(chunk);
      held += chunk.length;
      if (held < needed) return { frames: null, fault: null };
      const buffer = pieces.length === 1 ? chunk : Buffer.concat(pieces, held);
      let end = 0;
      needed = HEADER;
      while (buffer.length - end >= HEADER) {
        const length = buffer.readUInt32BE(end);
        const wrong = fault(length);
        if (wrong !== null) return { frames: end === 0 ? null : buffer.subarray(0, end), fault: wrong };
        if (buffer.length - end < HEADER + length) {
          needed = HEADER + length;
          break;
        }
        end += HEADER + length;
      }
      const rest = buffer.subarray(end);
      pieces = rest.length === 0 ? [] : [rest];
      held = rest.length;
      return { frames: end === 0 ? null : buffer.subarray(0, end), fault: null };
    },
  };
}

/** The parts of the library that are reached into; checked, so that another version of it is noticed at once. */
const internalsSchema = z.object({
  controller: z.object({ socket: z.custom<{ onData: (chunk: Buffer) => void }>(hasOnData) }),
});

function hasOnData(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'onData' in value && typeof value.onData === 'function';
}

/**
 * Puts the guard between the socket and the library. What the library cannot read (it throws on some garbage, from the
 * socket's own event) ends this connection with a reason, and never the desk.
 */
export function guardFrames(api: IBApi, onFault: (why: string) => void): void {
  const { socket } = internalsSchema.parse(api).controller;
  const guard = createFrameGuard();
  const read = socket.onData.bind(socket);
  let isOver = false;
  const end = (why: string): void => {
    isOver = true;
    onFault(why);
  };
  socket.onData = (chunk) => {
    if (isOver) return;
    const { frames, fault } = guard.take(chunk);
    try {
      if (frames !== null) read(frames);
    } catch (error) {
      end(`a message of TWS could not be read: ${error instanceof Error ? error.message : 'unknown error'}`);
      return;
    }
    if (fault !== null) end(fault);
  };
}
