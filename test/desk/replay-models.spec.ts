import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runReplay, verifyJournal } from '#desk/desk.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';
import { trainedFolder } from '#test/support/trained-folder.ts';
import { readAside } from './stage.ts';

const [HEADER = '', ...ROWS] = readFileSync('node_modules/vega-datasets/data/sp500-2000.csv', 'utf8')
  .trim()
  .split('\n');
/** 2009-07 to 2010-09: the models of the folder answer from 2010-01-01. */
const SLICE = ROWS.slice(2_390, 2_690);

function replay(rows: readonly string[], models: string) {
  const folder = temporaryFolder();
  const prices = join(folder, 'prices.csv');
  writeFileSync(prices, [HEADER, ...rows].join('\n'));
  const journal = join(folder, 'journal.db');
  const options = { prices, symbol: 'MES', from: null, to: null, journal, models, lookBackDays: 365, seed: 7 };
  return runReplay({ ...options, autoApprove: true }).then((summary) => ({ summary, journal }));
}

const decisionsOf = (path: string) =>
  readAside(path, (aside) => [...aside.events({ kinds: ['decision'] })].map(({ event }) => event));

describe('a replay by trained models', () => {
  it('asks each day the model that was trained by then, and plans the trade it was trained for', async () => {
    const { summary, journal } = await replay(SLICE, trainedFolder(temporaryFolder()));
    expect(verifyJournal(journal)).toMatchObject({ isSound: true, findings: [] });
    expect(summary.trades).toBeGreaterThan(0);
    const decisions = decisionsOf(journal);
    const before = decisions.filter(({ snapshot }) => snapshot.now < Date.UTC(2010, 0, 1));
    expect(before.length).toBeGreaterThan(20);
    expect(before.every(({ decision }) => decision.contracts === 0)).toBe(true);
    const planned = decisions.flatMap(({ snapshot }) => snapshot.plan ?? []);
    for (const { stopDistance, targetDistance } of planned) expect(stopDistance / targetDistance).toBeCloseTo(2, 1);
    const notes = readAside(journal, (aside) =>
      [...aside.events({ kinds: ['notice'] })].map(({ event }) => event.title),
    );
    expect(notes).toContain('Models of this replay');
  });

  it('decides the same of each day, whatever the days after it are', async () => {
    const models = trainedFolder(temporaryFolder());
    const changed = SLICE.map((row, i) => {
      if (i < 220) return row;
      const [date = '', ...prices] = row.split(',');
      return [date, ...prices.slice(0, 5).map((p) => String(Number(p) * 1.2)), '7'].join(',');
    });
    const [a, b] = [await replay(SLICE, models), await replay(changed, models)];
    const boundary = Date.parse(SLICE[220]?.split(',')[0] ?? '');
    const until = (path: string) => decisionsOf(path).filter(({ snapshot }) => snapshot.now <= boundary);
    expect(until(a.journal).length).toBeGreaterThan(150);
    expect(JSON.stringify(until(b.journal))).toBe(JSON.stringify(until(a.journal)));
  });

  it('refuses models of other bars, and leaves no journal behind', async () => {
    await expect(replay(SLICE, trainedFolder(temporaryFolder(), '1m'))).rejects.toThrow('bars of 1m');
  });
});
