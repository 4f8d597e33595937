import { expect, it } from 'vitest';
import { decide } from '#desk/engine/decide.ts';
import { ACCOUNT, MID, MINUTE, START, readAside } from '#test/desk/stage.ts';
import { RELAY_FAULTS, type RelayFault, linesOf } from '#test/support/fault-relay-plan.ts';
import { type FaultRelay, startFaultRelay } from '#test/support/fault-relay.ts';
import { seedsOf } from '#test/support/scale.ts';
import { copyJournal } from '#test/support/venue/desk.ts';
import { memoryFolder } from '#test/support/venue/folder.ts';
import { type LiveDesk, startLiveDesk } from '#test/support/venue/live-desk.ts';
import type { VenueReport } from '#test/support/venue/tcp-venue.ts';
import { startVenues, type VenueProcess } from '#test/support/venue/venue-process.ts';
import { makeTemplate } from '#test/support/venue/world.ts';

const NQ = 'NQ';
const SEEDS = 2;
const LOOK_EVERY_MS = 100;
/** Looks after which a desk that is still not where it must be never will be: minutes, however busy the machine. */
const LOOKS = 1_500;
const LF = 10;

/** Faults that end a line: the desk must notice, and come back on another. */
const BREAKING: ReadonlySet<RelayFault> = new Set([
  ...(['half-open-out', 'half-open-back', 'black-hole', 'reset', 'drop-after', 'slow-close'] as const),
]);

type Scene = {
  readonly fault: RelayFault;
  readonly desk: LiveDesk;
  readonly relay: FaultRelay;
  readonly venue: VenueProcess;
};

const atVenue = ({ positions }: VenueReport): number => positions.find(({ symbol }) => symbol === NQ)?.quantity ?? 0;

/** Waits for something that can be seen, and says what is seen instead when it does not come. */
async function until({ fault, desk }: Scene, what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error(`${fault}: ${what} never comes: ${JSON.stringify(desk.report())}`);
}

/**
 * Connected, nothing on its way, nothing in doubt, and both sides hold the same. A position may have lost its stop: a
 * closing that was cut short had cancelled it, the trader is told, and nothing is closed by itself after a reconnect.
 */
async function isAllKnown({ desk, venue }: Scene): Promise<boolean> {
  const { brokerState, orders, positions, differences } = desk.report();
  const isKnown = orders.every(({ certainty, life }) => certainty === 'known' && life !== 'sent');
  const held = positions.find(({ symbol }) => symbol === NQ)?.quantity ?? 0;
  if (brokerState !== 'live' || !isKnown || differences.some((id) => !id.startsWith('stop|'))) return false;
  return held === atVenue(await venue.tell({ kind: 'look' }));
}

/** One act of the trader while the line has its fault, until all of it is known again. */
async function actUnder(scene: Scene, act: () => Promise<void>): Promise<void> {
  const { fault, relay, venue } = scene;
  const [struck, lines] = [relay.struck(), relay.connections()];
  relay.begin(fault);
  const hangUp = async (): Promise<void> => {
    if (fault === 'slow-close') await venue.tell({ kind: 'hang-up' });
  };
  await hangUp();
  await act();
  await until(scene, 'the fault', async () => {
    if (relay.struck() > struck) return true;
    // A line that had fallen by itself took the goodbye with it: the one after it gets its own.
    await hangUp();
    return false;
  });
  if (BREAKING.has(fault)) await until(scene, 'a new line', () => relay.connections() > lines);
  relay.calm();
  await until(scene, 'knowledge', () => isAllKnown(scene));
}

/** Closes what is held on a good line. A trader whose cancels are not confirmed is refused, and asks again. */
async function close(scene: Scene): Promise<void> {
  const { desk, venue } = scene;
  await until(scene, 'a flat account', async () => {
    // What was closed a moment ago may not have been answered for yet: flat counts when it is known.
    if (!(await isAllKnown(scene))) return false;
    if (atVenue(await venue.tell({ kind: 'look' })) === 0) return desk.report().differences.length === 0;
    await desk.flatten();
    return false;
  });
}

/** What must hold after any fault: nothing sent twice, each execution booked once, the journal whole. */
function expectSound(fault: RelayFault, path: string, { arrivals, audit, fills }: VenueReport): void {
  expect(audit, fault).toEqual([]);
  // A copy the relay made of a message is not a second order: the venue takes an id once.
  if (fault !== 'duplicate-frames') expect(arrivals.length, fault).toBe(new Set(arrivals).size);
  const booked = readAside(path, (journal) => ({
    keys: journal.fills({ symbol: NQ }).map(({ execKey }) => execKey),
    attempts: [...journal.events({ kinds: ['order'] })]
      .filter(({ event }) => event.event.kind === 'send-attempt')
      .map(({ event }) => event.clientOrderId),
    findings: journal.verify(decide).findings,
  }));
  expect(booked.findings, fault).toEqual([]);
  expect(new Set(booked.attempts).size, fault).toBe(booked.attempts.length);
  for (const id of arrivals) expect(booked.attempts, fault).toContain(id);
  const times = fills.map(({ execKey }) => booked.keys.filter((key) => key === execKey).length);
  expect(times, fault).toEqual(fills.map(() => 1));
}

type Place = {
  readonly common: { readonly account: string; readonly offsetMs: number; readonly bids: Record<string, number> };
  readonly seed: number;
  readonly path: string;
};

/** One trade, opened and closed, with a fault on the line at both ends of it. */
async function liveThrough(fault: RelayFault, venue: VenueProcess, { common, seed, path }: Place): Promise<void> {
  const relay = await startFaultRelay({ port: venue.port, seed, frames: linesOf(LF) });
  const desk = startLiveDesk({ ...common, path, port: relay.port, canProve: true, heartbeatMs: 500 });
  const scene: Scene = { fault, desk, relay, venue };
  try {
    await desk.started;
    await actUnder(scene, desk.approve);
    await actUnder(scene, desk.flatten);
    await close(scene);
    expectSound(fault, path, await venue.tell({ kind: 'look' }));
  } finally {
    desk.stop();
    await relay.close();
  }
}

/** Every fault has a venue, a relay and a desk of its own, all at once: they mostly wait. */
it.each(seedsOf(SEEDS))(
  'on a real line, under each of twelve faults, nothing is sent twice, nothing lost, and in the end all is known: seed %i',
  async (seed) => {
    const folder = memoryFolder();
    const template = await makeTemplate(folder);
    const common = {
      ...{ account: ACCOUNT, offsetMs: START + 60 * MINUTE - Date.now() },
      bids: { NQ: MID['NQ'] ?? 0, GC: MID['GC'] ?? 0 },
    };
    const venues = await startVenues(RELAY_FAULTS.map(() => common));
    await Promise.all(
      RELAY_FAULTS.map((fault, n) => {
        const [venue, name] = [venues[n], `${fault}.db`];
        if (venue === undefined) throw new Error('a venue did not start');
        return liveThrough(fault, venue, { common, seed, path: copyJournal(template, folder, name) });
      }),
    );
  },
  300_000,
);
