import { describe, expect, it } from 'vitest';
import { type Connector, createConnector } from '#desk/execution/connector.ts';
import type { ExecutionContext } from '#desk/execution/context.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { createIds } from '#desk/profiles/clocks.ts';
import { createNotices } from '#desk/records/notices.ts';
import { continuousInstrument } from '#desk/profiles/instruments.ts';
import { VENUE_START, type VenueRig, createVenueRig } from '#test/support/venue/rig.ts';

const OUTAGE_MS = 60_000;
/** After a venue is back, everything is connected within this time. */
const BACK_MS = 45_000;
const LONGEST_WAIT_MS = 30_000;
const MOST_PER_SECOND = 5;
const FEEDS = 50;

type Line = { readonly rig: VenueRig; readonly connector: Connector; readonly isLive: () => boolean };

/** One broker on a line of its own, kept connected by the desk's connector. */
function connect(seed: number): Line {
  const instrument = continuousInstrument('NQ');
  if (instrument === null) throw new Error('no NQ');
  const rig = createVenueRig({ seed, instruments: [instrument] });
  const { broker, clock } = rig.newNearEnd();
  const notices = createNotices(clock, () => undefined);
  const prng = createPrng(seed);
  const ids = createIds(clock, () => prng.nextDouble());
  const connector = createConnector({ broker, clock, ids, notices } as unknown as ExecutionContext);
  return { rig, connector, isLive: () => broker.connection().state === 'live' };
}

/** Times of all attempts so far: those that were refused, and those that came about. */
const attemptsOf = ({ rig }: Line): readonly number[] =>
  rig.link
    .trace()
    .filter(({ fate }) => fate === 'refused' || fate === 'opened')
    .map(({ at }) => at - VENUE_START);

const mostInOneSecond = (times: readonly number[]): number => {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.max(0, ...sorted.map((at, i) => sorted.slice(i).filter((later) => later < at + 1_000).length));
};

/** Drops the line, refuses connections for a while, and says how long after that it is live again. */
async function outage(line: Line, downMs: number): Promise<number> {
  const { rig, isLive } = line;
  const back = rig.clock.now() + downMs;
  rig.link.refuseUntil(back);
  rig.link.drop();
  await rig.advance(downMs);
  for (let waited = 0; waited <= 2 * BACK_MS; waited += 500) {
    if (isLive()) return waited;
    await rig.advance(500);
  }
  return Infinity;
}

describe('a broker whose line drops', () => {
  it('is connected again soon after the venue is back, and is never asked more than five times in a second', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const line = connect(seed);
      const connected = line.connector.connect(new AbortController().signal);
      await line.rig.advance(1_000);
      expect(await connected).toBe(true);
      for (let round = 0; round < 5; round += 1) {
        expect(await outage(line, OUTAGE_MS - round * 7_001), `seed ${seed}, round ${round}`).toBeLessThanOrEqual(
          BACK_MS,
        );
        await line.rig.advance(round % 2 === 0 ? 500 : 90_000);
      }
      expect(mostInOneSecond(attemptsOf(line))).toBeLessThanOrEqual(MOST_PER_SECOND);
      line.connector.stop();
    }
  });

  it('is tried again at growing times that end at half a minute', async () => {
    const line = connect(1);
    line.rig.link.refuseUntil(VENUE_START + 600_000);
    const connected = line.connector.connect(new AbortController().signal);
    await line.rig.advance(600_000);
    expect(await connected).toBe(false);
    const times = attemptsOf(line);
    const waits = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(Math.max(...waits)).toBeLessThanOrEqual(LONGEST_WAIT_MS + 10);
    expect(times.length).toBeGreaterThan(600_000 / LONGEST_WAIT_MS);
    line.connector.stop();
  });

  it('that is dropped right after every logon is not hammered', async () => {
    const line = connect(1);
    void line.connector.connect(new AbortController().signal);
    for (let second = 0; second < 300; second += 1) {
      await line.rig.advance(1_000);
      if (line.isLive()) line.rig.link.drop();
    }
    const late = attemptsOf(line).filter((at) => at > 120_000);
    expect(late.length).toBeLessThanOrEqual(Math.ceil(180_000 / (LONGEST_WAIT_MS / 2)) + 1);
    line.connector.stop();
  });

  it('is left alone once the desk has stopped', async () => {
    const line = connect(1);
    void line.connector.connect(new AbortController().signal);
    await line.rig.advance(1_000);
    line.connector.stop();
    line.rig.link.drop();
    await line.rig.advance(120_000);
    expect(attemptsOf(line)).toHaveLength(1);
  });
});

describe('fifty lines that drop at one moment', () => {
  const storm = async (): Promise<readonly number[]> => {
    const lines = Array.from({ length: FEEDS }, (_, n) => connect(n + 1));
    for (const line of lines) void line.connector.connect(new AbortController().signal);
    for (const line of lines) await line.rig.advance(1_000);
    const waits: number[] = [];
    for (const line of lines) waits.push(await outage(line, OUTAGE_MS));
    for (const { connector } of lines) connector.stop();
    expect(Math.max(...waits)).toBeLessThanOrEqual(BACK_MS);
    return lines.flatMap((line) => attemptsOf(line).filter((at) => at > 1_000));
  };

  it('are all up again soon after the venue is back', async () => {
    await storm();
  });

  it('do not ask together: their attempts are spread', async () => {
    const times = await storm();
    const afterReturn = times.filter((at) => at > 1_000 + OUTAGE_MS);
    expect(Math.max(...afterReturn) - Math.min(...afterReturn)).toBeGreaterThan(LONGEST_WAIT_MS / 2);
    // Each line is a desk of its own: nothing but chance keeps them apart.
    expect(mostInOneSecond(afterReturn)).toBeLessThanOrEqual(FEEDS / 5);
  });

  // A failed attempt counts twice: once for the state that is told, once for the call that fails.
  it('wait half a second, then one, then two, then four', async () => {
    const line = connect(1);
    line.rig.link.refuseUntil(VENUE_START + 600_000);
    void line.connector.connect(new AbortController().signal);
    await line.rig.advance(10_000);
    const times = attemptsOf(line);
    const waits = times.slice(1, 4).map((at, i) => at - (times[i] ?? 0));
    // With full jitter each is at most this.
    expect(waits[0]).toBeLessThanOrEqual(510);
    expect(waits[1]).toBeLessThanOrEqual(1_010);
    expect(waits[2]).toBeLessThanOrEqual(2_010);
    line.connector.stop();
  });
});
