import { createSeeded, hashInts } from '#desk/adapters/seeded.ts';

/** What a relay does to a line, in numbers. */
export type RelayPlan = {
  /** Time each message is on its way, drawn from this span; they keep their order. */
  readonly latencyMs: readonly [least: number, most: number];
  /** Null: as fast as it goes. */
  readonly bytesPerSecond: number | null;
  /** Messages leave in pieces of at most this many bytes, one after the other; null: whole. */
  readonly splitTo: number | null;
  /** Chance that a message arrives a second time, a moment later. */
  readonly duplicate: number;
  /** Chance that a message is overtaken by those behind it. */
  readonly reorder: number;
  /** What happens to a line at its message number `breakAt` (counted from when the fault was begun, both ways). */
  readonly breaking: 'half-open-out' | 'half-open-back' | 'black-hole' | 'reset' | 'drop' | null;
  readonly breakAt: number;
  /** Lines that are broken; those after them are honest. */
  readonly breaks: number;
  /** One side hangs up, and the other is told this much later. */
  readonly slowCloseMs: number;
};

/**
 * The faults by name.
 * - `latency`, `jitter`: every message takes its time, the same or another each.
 * - `bandwidth`: a few kilobytes a second.
 * - `partial-frames`: messages arrive in pieces of a few bytes.
 * - `half-open-out`, `half-open-back`: the connection stands, and nothing gets through to the venue, or back from it.
 * - `black-hole`: nothing gets through either way, and nobody hangs up.
 * - `reset`: RST in the middle. `drop-after`: the line closes in the middle of a message, half of which arrives.
 * - `slow-close`: a hang-up is told late.
 * - `duplicate-frames`, `reorder-frames`: messages come twice, or overtake each other.
 */
export const RELAY_FAULTS = [
  ...(['latency', 'jitter', 'bandwidth', 'partial-frames', 'half-open-out', 'half-open-back'] as const),
  ...(['black-hole', 'reset', 'drop-after', 'slow-close', 'duplicate-frames', 'reorder-frames'] as const),
] as const;
export type RelayFault = (typeof RELAY_FAULTS)[number];

const HONEST: RelayPlan = {
  ...{ latencyMs: [0, 0], bytesPerSecond: null, splitTo: null, duplicate: 0, reorder: 0 },
  ...{ breaking: null, breakAt: 0, breaks: 0, slowCloseMs: 0 },
};

/** The plan of a fault; where in the traffic it strikes, and how hard, is by seed. Null: an honest line. */
export function faultPlan(fault: RelayFault | null, seed: number): RelayPlan {
  const luck = createSeeded(hashInts([seed, 78]));
  const whole = (least: number, most: number): number => least + Math.floor(luck.uniform() * (most - least + 1));
  const breaking = (what: NonNullable<RelayPlan['breaking']>): RelayPlan => ({
    ...HONEST,
    ...{ breaking: what, breakAt: whole(1, 6), breaks: 1 },
  });
  switch (fault) {
    case null:
      return HONEST;
    case 'latency': {
      const ms = whole(5, 60);
      return { ...HONEST, latencyMs: [ms, ms] };
    }
    case 'jitter':
      return { ...HONEST, latencyMs: [1, whole(20, 80)] };
    case 'bandwidth':
      return { ...HONEST, bytesPerSecond: whole(30_000, 120_000) };
    case 'partial-frames':
      return { ...HONEST, splitTo: whole(40, 400) };
    case 'half-open-out':
    case 'half-open-back':
    case 'black-hole':
    case 'reset':
      return breaking(fault);
    case 'drop-after':
      return breaking('drop');
    case 'slow-close':
      return { ...HONEST, slowCloseMs: whole(20, 200) };
    case 'duplicate-frames':
      return { ...HONEST, duplicate: whole(30, 80) / 100 };
    case 'reorder-frames':
      return { ...HONEST, reorder: whole(20, 60) / 100 };
  }
}

/**
 * Says how a protocol cuts its bytes into messages, one reader for each direction of a connection: it returns the
 * length of the first message in a buffer, or 0 (or more than there is) while it is not whole.
 */
export type FrameCutter = () => (buffer: Buffer) => number;

/** What was read at once. */
export const chunks: FrameCutter = () => (buffer) => buffer.length;

/** Messages that end with a byte: 0 for DTC, 10 for lines. */
export const linesOf =
  (end: number): FrameCutter =>
  () =>
  (buffer) =>
    buffer.indexOf(end) + 1;

/** Messages behind their length in 4 bytes, big-endian, as IB's; `preamble` bytes come before the first one out. */
export const lengthPrefixed =
  (preamble = 'API\0'): FrameCutter =>
  () => {
    const start = Buffer.from(preamble);
    return (buffer) => {
      if (buffer.length < 4) return 0;
      if (start.length > 0 && buffer.subarray(0, start.length).equals(start)) return start.length;
      return 4 + buffer.readUInt32BE(0);
    };
  };

/** The upgrade as one message, then the frames of RFC 6455. */
export const webSocket: FrameCutter = () => {
  let isOpen = false;
  return (buffer) => {
    if (!isOpen) {
      const head = buffer.indexOf('\r\n\r\n');
      if (head < 0) return 0;
      isOpen = true;
      return head + 4;
    }
    if (buffer.length < 2) return 0;
    const [, second = 0] = buffer;
    const short = second & 127;
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (buffer.length < 2 + extra) return 0;
    const length = extra === 0 ? short : extra === 2 ? buffer.readUInt16BE(2) : Number(buffer.readBigUInt64BE(2));
    return 2 + extra + (second >= 128 ? 4 : 0) + length;
  };
};
