import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Bar } from '#shared/domain/market.ts';
import { openDesk, openReplayProfile, runReplay, verifyJournal, type Desk } from '#desk/desk.ts';
import { dailyBars } from '#test/support/daily-bars.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';
import { FIRST_DAY, trainedFolder } from '#test/support/trained-folder.ts';
import { ask, eventually, proposal } from '#test/support/venue-desk.ts';
import { readAside } from './stage.ts';

const [HEADER = '', ...ROWS] = readFileSync('node_modules/vega-datasets/data/sp500-2000.csv', 'utf8')
  .trim()
  .split('\n');
/** 2009-09 to 2010-04: the models of the folder answer from 2010-01-01. */
const SLICE = ROWS.slice(2_430, 2_580);

function prepared(over: Partial<Parameters<typeof openReplayProfile>[0]> = {}) {
  const folder = temporaryFolder();
  const prices = join(folder, 'Daily bars.csv');
  writeFileSync(prices, [HEADER, ...SLICE].join('\n'));
  const models = trainedFolder(folder);
  const options = { symbol: null, from: null, secondsPerBar: 0, autoApprove: true, dataFolder: folder };
  const asked = { prices, models, ...options, ...over };
  return { folder, asked, open: () => openReplayProfile(asked) };
}

async function opened(dataFolder: string): Promise<Desk> {
  const desk = await openDesk({ dataFolder, profile: 'replay' });
  onTestFinished(() => desk.close());
  await desk.ready();
  return desk;
}

const marketOf = async (desk: Desk) =>
  (await ask(desk, 'desk.snapshot', {})).connections.find(({ id }) => id === 'market:replay');
const atItsEnd = (desk: Desk): Promise<void> =>
  eventually(async () => expect(await marketOf(desk)).toMatchObject({ detail: 'The recording is at its end.' }));

const decisionsOf = (journal: string) =>
  readAside(journal, (aside) =>
    [...aside.events({ kinds: ['decision'] })].map(({ event: { snapshot, decision } }) => ({
      ...{ now: snapshot.now, equity: snapshot.equity, plan: snapshot.plan },
      ...{ status: decision.status, contracts: decision.contracts, p: decision.winProbability },
    })),
  );
const barsOf = (journal: string): readonly Bar[] =>
  readAside(journal, (aside) => aside.bars({ symbol: 'MES', timeframe: '1d', limit: 1_000 }));

describe('a desk on recorded daily bars', () => {
  it('decides, by trained models, what the command decides on the same days', async () => {
    const { folder, asked, open } = prepared();
    const { dataFolder, recording } = open();
    expect(recording).toMatchObject({ symbol: 'MES', timeframe: '1d' });
    const desk = await opened(dataFolder);
    await atItsEnd(desk);
    const { identity } = await ask(desk, 'desk.snapshot', {});
    expect(identity).toMatchObject({ profile: 'replay', mode: 'replay', account: 'REPLAY', isAutoApproved: true });
    await desk.close();
    const journal = join(dataFolder, 'profiles/replay/journal.db');
    expect(verifyJournal(journal)).toMatchObject({ isSound: true, findings: [] });

    const byCommand = join(folder, 'command.db');
    const options = { symbol: 'MES', from: null, to: null, lookBackDays: 365, seed: 7, autoApprove: true };
    await runReplay({ ...options, prices: asked.prices, models: asked.models, journal: byCommand });
    const later = decisionsOf(byCommand).filter(({ now }) => now > recording.from);
    expect(later.some(({ contracts }) => contracts > 0)).toBe(true);
    expect(decisionsOf(journal)).toEqual(later);
    expect(new Date(recording.from).toISOString()).toBe('2009-12-31T00:00:00.000Z');
  });

  it('waits for the trader where something is proposed, fills at the next open, and goes on after a restart', async () => {
    const { dataFolder } = prepared({ autoApprove: false }).open();
    const journal = join(dataFolder, 'profiles/replay/journal.db');
    const first = await opened(dataFolder);
    const held = await proposal(first);
    const { now } = await ask(first, 'desk.snapshot', {});
    expect(held.createdAt).toBe(now);
    await ask(first, 'recommendation.approve', { id: held.id, contracts: held.decision.contracts });
    await eventually(async () => {
      const { positions, journal: status } = await ask(first, 'desk.snapshot', {});
      expect(positions.length + status.trades).toBeGreaterThan(0);
    });
    await first.close();
    const played = barsOf(journal);
    const next = played.find(({ openAt }) => openAt >= now);
    const [fill] = readAside(journal, (aside) => [...aside.events({ kinds: ['fill'] })].map(({ event }) => event.fill));
    // One tick of slippage.
    expect(Math.abs((fill?.price ?? 0) - (next?.open ?? 0))).toBe(1);

    const second = await opened(dataFolder);
    await eventually(() => {
      expect(barsOf(journal).length).toBeGreaterThan(played.length);
      return Promise.resolve();
    });
    await second.close();
    const all = barsOf(journal);
    expect(all.slice(0, played.length)).toEqual(played);
    expect(new Set(all.map(({ openAt }) => openAt)).size).toBe(all.length);
    expect(verifyJournal(journal)).toMatchObject({ isSound: true, findings: [] });
  });

  it('plays without trained models too, by two models that count', async () => {
    const { dataFolder } = prepared({ models: null, symbol: 'MES' }).open();
    const desk = await opened(dataFolder);
    await atItsEnd(desk);
    expect((await ask(desk, 'desk.snapshot', {})).recommendations[0]?.decision.status).toBeDefined();
  });
});

describe('a desk on recorded minute bars', () => {
  it('plays them in their own time, so that no model answers that had learned what comes', async () => {
    const { folder } = prepared();
    const prices = join(folder, 'minutes.csv');
    const rows = dailyBars(160, { seed: 4 }).map(({ open, high, low, close, volume }, i) =>
      [
        new Date(FIRST_DAY + (i - 120) * 60_000).toISOString(),
        ...[open, high, low, close].map((price) => price / 4),
        volume,
      ].join(','),
    );
    writeFileSync(prices, ['time,open,high,low,close,volume', ...rows].join('\n'));
    mkdirSync(join(folder, 'minutes'));
    const models = trainedFolder(join(folder, 'minutes'), '1m');
    const asked = { prices, models, symbol: null, from: null, secondsPerBar: 0, autoApprove: true };
    const { dataFolder, recording } = openReplayProfile({ ...asked, dataFolder: folder });
    const desk = await opened(dataFolder);
    await atItsEnd(desk);
    const { now } = await ask(desk, 'desk.snapshot', {});
    expect(new Date(now).toISOString()).toBe(new Date(FIRST_DAY + 40 * 60_000).toISOString());
    expect(recording).toMatchObject({ timeframe: '1m', from: FIRST_DAY - 60_000 });
  });
});

describe('a replay that cannot be played', () => {
  const messageOf = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    return 'nothing was wrong';
  };

  it('is refused by name: daily bars for models of minutes, no bar that the models answer, no contract', () => {
    const { folder, asked } = prepared();
    mkdirSync(join(folder, 'minutes'));
    const minutes = trainedFolder(join(folder, 'minutes'), '1m');
    expect(messageOf(() => openReplayProfile({ ...asked, models: minutes }))).toContain('they are not bars of 1m');
    expect(messageOf(() => openReplayProfile({ ...asked, from: '2031-01-01' }))).toContain('no bar from 2031-01-01 on');
    expect(messageOf(() => openReplayProfile({ ...asked, models: null }))).toContain('the contract must be named');
    expect(messageOf(() => openReplayProfile({ ...asked, prices: 'none.csv' }))).toContain('cannot be read');
  });
});
