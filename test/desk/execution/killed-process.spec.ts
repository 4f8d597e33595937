import { describe, expect, it } from 'vitest';
import { decide } from '#desk/engine/decide.ts';
import { ACCOUNT, MID, MINUTE, START, readAside } from '#test/desk/stage.ts';
import { copyJournal } from '#test/support/venue/desk.ts';
import { memoryFolder } from '#test/support/venue/folder.ts';
import type { CrashPoint, DeskReport, DeskSetup } from '#test/support/venue/live-desk.ts';
import type { VenueReport } from '#test/support/venue/tcp-venue.ts';
import {
  type DeskProcess,
  startDeskProcess,
  startVenue,
  type VenueProcess,
} from '#test/support/venue/venue-process.ts';
import { makeTemplate } from '#test/support/venue/world.ts';

const NQ = 'NQ';
const LIMIT_MS = 60_000;

/** A venue in one process, and desks in others that come and go over one journal. */
async function setUp() {
  const folder = memoryFolder();
  const path = copyJournal(await makeTemplate(folder), folder, 'desk.db');
  const bids = { NQ: MID['NQ'] ?? 0, GC: MID['GC'] ?? 0 };
  const offsetMs = START + 60 * MINUTE - Date.now();
  const common = { account: ACCOUNT, offsetMs, bids };
  const venue = await startVenue(common);
  const desk = (point: CrashPoint | null, more: Partial<DeskSetup> = {}): Promise<DeskProcess> =>
    startDeskProcess({ ...common, port: venue.port, path, point, canProve: true, ...more });
  return { path, venue, desk };
}

async function until(desk: DeskProcess, isSo: (report: DeskReport) => boolean): Promise<DeskReport> {
  for (;;) {
    const report = await desk.ask('look');
    if (isSo(report)) return report;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const isSettled = ({ brokerState, orders }: DeskReport): boolean =>
  brokerState === 'live' && orders.every(({ certainty, life }) => certainty === 'known' && life !== 'sent');

/** A desk that is killed at a point of its first order, and the one that is started after it. */
async function killedAt(point: CrashPoint, fills: 'quotes' | 'bars', more: Partial<DeskSetup> = {}) {
  const { path, venue, desk } = await setUp();
  await venue.tell({ kind: 'fill-from', source: fills });
  const first = await desk(point);
  void first.ask('approve');
  expect(await first.stoppedAt).toBe(point);
  await first.kill();
  const before = await venue.tell({ kind: 'look' });
  const second = await desk(null, more);
  return { path, venue, second, before };
}

const held = ({ positions }: VenueReport): number => positions.find(({ symbol }) => symbol === NQ)?.quantity ?? 0;

/** What must hold after any crash: nothing was sent twice, both sides hold the same, the journal is whole. */
async function sound(path: string, venue: VenueProcess, desk: DeskProcess): Promise<VenueReport> {
  const mine = await desk.ask('look');
  const theirs = await venue.tell({ kind: 'look' });
  expect(new Set(theirs.arrivals).size).toBe(theirs.arrivals.length);
  expect(theirs.audit).toEqual([]);
  expect(mine.positions.find(({ symbol }) => symbol === NQ)?.quantity ?? 0).toBe(held(theirs));
  expect(mine.differences).toEqual([]);
  await desk.kill();
  const { findings, keys } = readAside(path, (journal) => ({
    findings: journal.verify(decide).findings,
    keys: journal.fills({ symbol: NQ }).map(({ execKey }) => execKey),
  }));
  expect(findings).toEqual([]);
  for (const { execKey } of theirs.fills) expect(keys.filter((key) => key === execKey)).toHaveLength(1);
  return theirs;
}

describe('a desk process that is killed, with its venue in another', () => {
  it(
    'after the intent: nothing was sent, and nothing is',
    async () => {
      const { path, venue, second } = await killedAt('intent', 'quotes');
      const after = await until(second, isSettled);
      expect(after.all.slice(0, 3).map(({ life }) => life)).toEqual(['denied', 'denied', 'denied']);
      expect((await sound(path, venue, second)).arrivals).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'after the attempt, before its bytes: it asks, and the venue proves that it never came',
    async () => {
      const { path, venue, second } = await killedAt('send-attempt', 'quotes');
      const after = await until(second, isSettled);
      expect(after.all.slice(0, 3).map(({ life }) => life)).toEqual(['rejected', 'rejected', 'rejected']);
      expect((await sound(path, venue, second)).arrivals).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'after the attempt, where the venue can prove nothing: in doubt, told, and never sent again',
    async () => {
      const { path, venue, second } = await killedAt('send-attempt', 'quotes', { canProve: false });
      const after = await until(second, ({ notices }) => notices.some((id) => id.startsWith('in-doubt')));
      expect(after.orders).toHaveLength(3);
      for (const { certainty } of after.orders) expect(certainty).toBe('in-doubt');
      expect((await sound(path, venue, second)).arrivals).toEqual([]);
    },
    LIMIT_MS,
  );

  it.each(['quotes', 'bars'] as const)(
    'after the bytes, at a venue that fills from %s: it finds the order there',
    async (fills) => {
      const { path, venue, second, before } = await killedAt('bytes', fills);
      expect(before.arrivals).toHaveLength(1);
      const after = await until(second, isSettled);
      if (fills === 'quotes') {
        expect(held(before)).toBeGreaterThan(0);
        expect(after.positions).toEqual([{ symbol: NQ, quantity: held(before), isProtected: true }]);
      } else {
        expect(after.positions).toEqual([]);
        expect(after.orders.map(({ id }) => id)).toContain(before.arrivals[0]);
      }
      expect((await sound(path, venue, second)).arrivals).toEqual(before.arrivals);
    },
    LIMIT_MS,
  );

  it(
    'after the acknowledgement, before it is written down: it works, once',
    async () => {
      const { path, venue, second, before } = await killedAt('ack', 'bars');
      const after = await until(second, isSettled);
      const [id] = before.arrivals;
      expect(after.orders.find((order) => order.id === id)).toEqual({ id, life: 'working', certainty: 'known' });
      await venue.tell({ kind: 'fill-from', source: 'quotes' });
      await until(second, ({ positions }) => positions.some(({ isProtected }) => isProtected));
      const theirs = await sound(path, venue, second);
      expect(theirs.arrivals).toEqual(before.arrivals);
      expect(held(theirs)).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );

  it(
    'after the fill, before it is written down: it is booked once, and protected',
    async () => {
      const { path, venue, second, before } = await killedAt('fill', 'quotes');
      expect(held(before)).toBeGreaterThan(0);
      const after = await until(second, isSettled);
      expect(after.positions).toEqual([{ symbol: NQ, quantity: held(before), isProtected: true }]);
      expect(after.trading).toBe('active');
      expect((await sound(path, venue, second)).arrivals).toEqual(before.arrivals);
    },
    LIMIT_MS,
  );
});
