import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MonteCarloRun } from '#shared/domain/monte-carlo.ts';
import { run } from '#shells/cli/main.ts';
import { signalJournal } from '#test/support/signal-journal.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

async function cli(...argv: readonly string[]) {
  const lines = { out: [] as string[], err: [] as string[] };
  const exit = await run(['monte-carlo', ...argv], {
    out: (text) => lines.out.push(text),
    err: (text) => lines.err.push(text),
    isTerminal: false,
  });
  return { exit, out: lines.out.join('\n'), err: lines.err.join('\n') };
}

const journalOf = (folder: string): string => signalJournal(folder, { days: 30, ownTrades: 6 });

describe('monte-carlo on the command line', () => {
  it('prints what the paths show beside theory, and writes the report', async () => {
    const folder = temporaryFolder();
    const report = join(folder, 'report.html');
    const stake = ['--stake', 'fraction', '--fraction', '3', '--block', '1'];
    const { exit, out, err } = await cli(
      ...[
        '--journal',
        journalOf(folder),
        '--policy',
        'fixed-2%',
        '--trades',
        '40',
        '--paths',
        '600',
        '--report',
        report,
      ],
      ...stake,
    );
    expect(exit).toBe(0);
    expect(out).toMatch(/Fixed fractional 2\s%: 30 trades, 3\.00\s% of present equity per 1R, drawn one by one/);
    expect(out).toMatch(/Deepest drawdown, median\s+\d+\.\d\s%/);
    expect(out).toMatch(/Lundberg.*—.*the stake grows with wealth/);
    expect(out).not.toMatch(/NaN|undefined/);
    expect(err).toContain(report);
    expect(existsSync(report)).toBe(true);
    expect(readFileSync(report, 'utf8')).toContain('Beside theory');
  });

  it('prints JSON for machines, of your own trades where no policy is named', async () => {
    const journal = journalOf(temporaryFolder());
    const { out } = await cli('--journal', journal, '--trades', '20', '--paths', '600', '--workers', '1', '--json');
    expect((JSON.parse(out) as MonteCarloRun).sample).toMatchObject({ label: 'Your own trades', trades: 6 });
  });

  it.each([
    [['--stake', 'fixed'], /--fraction: the stake fixed needs one/],
    [['--fraction', '2'], /--fraction 2: trades as they were taken/],
    [['--policy', 'luck'], /--policies luck/],
    [['--paths', '50000', '--trades', '10000'], /too many trades to draw/],
    [['--loss', '0'], /--loss/],
  ])('%j is exit code 2 and says why', async (argv, message) => {
    const { exit, err } = await cli('--journal', journalOf(temporaryFolder()), ...argv);
    expect(exit).toBe(2);
    expect(err).toMatch(message);
  });

  it('says that there is nothing to draw from', async () => {
    const journal = signalJournal(temporaryFolder(), { days: 3 });
    const { exit, err } = await cli('--journal', journal);
    expect(exit).not.toBe(0);
    expect(err).toContain('no closed trade in this range to draw from');
  });
});
