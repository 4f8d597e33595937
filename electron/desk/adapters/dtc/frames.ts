/** The largest message that is taken: beyond it, what comes in is no DTC. */
export const MAX_FRAME_BYTES = 1_048_576;

/** Cuts a byte stream into messages, each of which ends with a zero byte. */
export interface FrameReader {
  /** Takes what came in. Returns the whole messages of it, oldest first; `isTooLong` once one has no end. */
  push(chunk: Uint8Array): { readonly frames: readonly Buffer[]; readonly isTooLong: boolean };
}

/** Makes a reader that has seen nothing yet. Messages may be cut anywhere, and come several at once. */
export function createFrameReader(maxBytes: number = MAX_FRAME_BYTES): FrameReader {
  let parts: Uint8Array[] = [];
  let held = 0;
  return {
    push: (chunk) => {
      const frames: Buffer[] = [];
      let from = 0;
      for (let end = chunk.indexOf(0); end !== -1; end = chunk.indexOf(0, from)) {
        parts.push(chunk.subarray(from, end));
        held += end - from;
        if (held > maxBytes) return { frames, isTooLong: true };
        frames.push(Buffer.concat(parts));
        parts = [];
        held = 0;
        from = end + 1;
      }
      if (from < chunk.length) {
        parts.push(Buffer.from(chunk.subarray(from)));
        held += chunk.length - from;
      }
      return { frames, isTooLong: held > maxBytes };
    },
  };
}
