import { describe, expect, it } from 'vitest';
import type { WalkForwardRun } from '#shared/domain/walk-forward.ts';
import { run } from '#shells/cli/main.ts';
import { signalJournal } from '#test/support/signal-journal.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

async function cli(...argv: readonly string[]) {
  const lines = { out: [] as string[], err: [] as string[] };
  const exit = await run(['walk-forward', ...argv], {
    out: (text) => lines.out.push(text),
    err: (text) => lines.err.push(text),
    isTerminal: false,
  });
  return { exit, out: lines.out.join('\n'), err: lines.err.join('\n') };
}

const GRID = ['--multipliers', '0.2,1', '--evidence', '0', '--look-backs', '30,200', '--workers', '1'];

describe('walk-forward on the command line', () => {
  it('prints every fold, what was chosen and what it made', async () => {
    const journal = signalJournal(temporaryFolder(), { days: 60, ownTrades: 40 });
    const { exit, out } = await cli('--journal', journal, ...GRID, '--folds', '2', '--in-sample', '50');
    expect(exit).toBe(0);
    expect(out).toMatch(/4 combinations, 2 folds, chosen by growth of log equity a year on all days before/);
    expect(out).toMatch(/λ (0\.2|1), n₀ 0, (30|200) days/);
    expect(out).toMatch(/Combinations tried\s+4/);
    expect(out).not.toMatch(/NaN|undefined/);
  });

  it('prints JSON for machines', async () => {
    const journal = signalJournal(temporaryFolder(), { days: 60 });
    const { out } = await cli('--journal', journal, ...GRID, '--folds', '2', '--score', 'sharpe', '--json');
    const parsed = JSON.parse(out) as WalkForwardRun;
    expect(parsed.setup).toMatchObject({ score: 'sharpe', window: 'anchored', inSampleShare: 0.4 });
    expect(parsed.folds).toHaveLength(2);
  });

  it.each([
    [['--folds', '13'], /--folds/],
    [['--multipliers', '0.2,x'], /--multipliers/],
    [['--look-backs', '1.5'], /--look-backs/],
    [['--multipliers', '1', '--evidence', '0', '--look-backs', '30'], /1 combination cannot be tried/],
  ])('%j is exit code 2 and says why', async (argv, message) => {
    const journal = signalJournal(temporaryFolder(), { days: 1 });
    const { exit, err } = await cli('--journal', journal, ...argv);
    expect(exit).toBe(2);
    expect(err).toMatch(message);
  });

  it('says that there are too few days', async () => {
    const { exit, err } = await cli('--journal', signalJournal(temporaryFolder(), { days: 12 }), ...GRID);
    expect(exit).not.toBe(0);
    expect(err).toContain('too few for 4 folds');
  });
});
