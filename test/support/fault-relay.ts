import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { epochMs } from '#shared/units.ts';
import { type Lane, createLane } from '#desk/adapters/brokers/lane.ts';
import { createSeeded, hashInts } from '#desk/adapters/seeded.ts';
import { createClock, type DeskClock } from '#desk/profiles/clocks.ts';
import { type FrameCutter, type RelayFault, type RelayPlan, chunks, faultPlan } from './fault-relay-plan.ts';

/**
 * A real TCP relay that spoils a connection on purpose: put it between an adapter and its venue, over any protocol.
 *
 *   const relay = await startFaultRelay({ port: venue.port, seed, frames: linesOf(0) });   // DTC: ended by a zero byte
 *   connect the adapter to 127.0.0.1, relay.port
 *   relay.begin('half-open-back');   // one of RELAY_FAULTS; see fault-relay-plan.ts for what each does
 *   … wait until relay.struck() > 0, then for what the adapter must do …
 *   relay.calm();                    // an honest line from now on
 *   await relay.close();
 *
 * `frames` says how the protocol cuts its messages (`linesOf`, `lengthPrefixed`, `webSocket`), so that whole messages
 * are doubled and swapped, as a venue may do; without it the pieces are what the socket happens to read. Where things
 * go wrong is by `seed`. Time is the machine's: assert what happened, never when.
 */
export interface FaultRelay {
  readonly port: number;
  /** From now on, on connections that stand and on new ones. */
  readonly begin: (fault: RelayFault) => void;
  readonly setPlan: (plan: Partial<RelayPlan>) => void;
  readonly calm: () => void;
  /** How often something was done to a connection or a message. */
  readonly struck: () => number;
  readonly connections: () => number;
  /** Cuts every connection that stands, as a dead cable that is noticed at once. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
}

export type FaultRelayOptions = {
  /** Where the venue listens, on 127.0.0.1. */
  readonly port: number;
  readonly seed: number;
  readonly frames?: FrameCutter;
};

/** What both directions of all connections share. */
type World = {
  readonly plan: () => RelayPlan;
  readonly clock: DeskClock;
  readonly chance: (probability: number) => boolean;
  readonly within: (span: readonly [number, number]) => number;
  readonly strike: () => void;
  /** Uses up one of the breaks that the plan allows. */
  readonly mayBreak: () => boolean;
  readonly frames: FrameCutter;
};

/** One connection through the relay. */
type Line = {
  readonly near: Socket;
  readonly far: Socket;
  /** Messages so far, both ways. */
  seen: number;
  readonly silent: { out: boolean; back: boolean };
  isBroken: boolean;
};

type Way = 'out' | 'back';

/** Starts a relay that is honest until a fault is begun. */
export async function startFaultRelay(options: FaultRelayOptions): Promise<FaultRelay> {
  const luck = createSeeded(hashInts([options.seed, 77]));
  const clock = createClock(epochMs(Date.now()));
  clock.goLive();
  let plan = faultPlan(null, options.seed);
  let struck = 0;
  let breaksLeft = 0;
  let opened = 0;
  const lines = new Set<Line>();
  const world: World = {
    plan: () => plan,
    clock,
    chance: (probability) => probability > 0 && luck.uniform() < probability,
    within: ([least, most]) => Math.round(least + luck.uniform() * (most - least)),
    strike: () => (struck += 1),
    mayBreak: () => {
      if (breaksLeft <= 0) return false;
      breaksLeft -= 1;
      return true;
    },
    frames: options.frames ?? chunks,
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    opened += 1;
    const far = connect({ port: options.port, host: '127.0.0.1', allowHalfOpen: true });
    const line: Line = { near, far, seen: 0, silent: { out: false, back: false }, isBroken: false };
    lines.add(line);
    join(line, 'out', world);
    join(line, 'back', world);
    near.once('close', () => lines.delete(line));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const setPlan = (next: Partial<RelayPlan>): void => {
    plan = { ...plan, ...next };
    breaksLeft = plan.breaks;
    for (const line of lines) line.seen = 0;
  };
  const reset = (): void => {
    for (const line of lines) cut(line, 'reset');
  };
  return {
    port: (server.address() as AddressInfo).port,
    begin: (fault) => setPlan(faultPlan(fault, options.seed)),
    setPlan,
    calm: () => setPlan(faultPlan(null, options.seed)),
    struck: () => struck,
    connections: () => opened,
    reset,
    close: () => {
      reset();
      clock.stop();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function cut({ near, far }: Line, how: 'reset' | 'end'): void {
  for (const socket of [near, far]) {
    if (how === 'reset') socket.resetAndDestroy();
    else socket.destroy();
  }
}

/** Carries one direction of a connection. */
function join(line: Line, way: Way, world: World): void {
  const [from, to] = way === 'out' ? [line.near, line.far] : [line.far, line.near];
  to.setNoDelay(true);
  const lane = createLane<Buffer | null>(world.clock, (piece) => {
    if (to.destroyed) return;
    if (piece === null) to.end();
    else to.write(piece);
  });
  const lengthOf = world.frames();
  const send = createSender(line, way, { world, lane });
  let left = Buffer.alloc(0);
  from.on('data', (data) => {
    left = Buffer.concat([left, data]);
    for (let length = lengthOf(left); length > 0 && length <= left.length; length = lengthOf(left)) {
      const frame = left.subarray(0, length);
      left = left.subarray(length);
      send(frame);
    }
  });
  from.on('end', () => {
    if (left.length > 0) send(left);
    left = Buffer.alloc(0);
    if (line.silent[way]) return;
    const delayMs = world.plan().slowCloseMs;
    if (delayMs > 0) world.strike();
    lane.send(null, { delayMs });
  });
  from.on('error', () => to.resetAndDestroy());
  from.on('close', () => {
    if (!line.silent[way] && from.errored === null && world.plan().slowCloseMs === 0) lane.send(null, { delayMs: 0 });
  });
}

type SenderParts = { readonly world: World; readonly lane: Lane<Buffer | null> };

/** Sends a message on, as the plan has it. */
function createSender(line: Line, way: Way, { world, lane }: SenderParts): (frame: Buffer) => void {
  const { plan, chance, within, strike } = world;
  let freeAt = 0;

  /** What breaks the line does so at one message, once; true when nothing more of it goes on. */
  const breaksHere = (frame: Buffer): boolean => {
    const { breakAt, breaking } = plan();
    if (breaking === null || line.isBroken || line.seen < breakAt || !world.mayBreak()) return line.silent[way];
    line.isBroken = true;
    strike();
    if (breaking === 'half-open-out' || breaking === 'black-hole') line.silent.out = true;
    if (breaking === 'half-open-back' || breaking === 'black-hole') line.silent.back = true;
    if (breaking === 'reset') cut(line, 'reset');
    if (breaking === 'drop') {
      // A part of the message gets through before the line is gone.
      const to = way === 'out' ? line.far : line.near;
      // Nothing may follow the part: on a real line nothing could.
      line.silent.out = true;
      line.silent.back = true;
      to.write(frame.subarray(0, Math.floor(frame.length / 2)), () => cut(line, 'end'));
      return true;
    }
    return breaking === 'reset' || line.silent[way];
  };
  const delayOf = (bytes: number): number => {
    const { latencyMs, bytesPerSecond } = plan();
    const delayMs = within(latencyMs);
    if (delayMs > 0) strike();
    if (bytesPerSecond === null) return delayMs;
    strike();
    const now = world.clock.monotonic();
    freeAt = Math.max(freeAt, now) + (bytes / bytesPerSecond) * 1_000;
    return delayMs + freeAt - now;
  };
  const piecesOf = (frame: Buffer): readonly Buffer[] => {
    const { splitTo } = plan();
    if (splitTo === null || frame.length < 2) return [frame];
    strike();
    const size = Math.max(1, Math.min(splitTo, Math.ceil(frame.length / 2)));
    return Array.from({ length: Math.ceil(frame.length / size) }, (_, n) => frame.subarray(n * size, (n + 1) * size));
  };

  return (frame) => {
    line.seen += 1;
    if (breaksHere(frame)) return;
    const isSwapped = chance(plan().reorder);
    const isTwice = chance(plan().duplicate);
    if (isSwapped || isTwice) strike();
    const delayMs = delayOf(frame.length);
    // Pieces of one message must not be torn apart by another that overtakes it.
    if (isSwapped) lane.send(frame, { delayMs: delayMs + within([1, 60]), outOfOrder: true });
    else piecesOf(frame).forEach((piece, n) => lane.send(piece, { delayMs: delayMs + (n === 0 ? 0 : 1) }));
    if (isTwice) lane.send(frame, { delayMs: delayMs + within([0, 60]), outOfOrder: false });
  };
}
