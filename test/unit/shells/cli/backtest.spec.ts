import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openJournal } from '#desk/journal/open-journal.ts';
import { parsePolicies } from '#desk/desk.ts';
import type { PoliciesRun } from '#shared/domain/backtest.ts';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import { run } from '#shells/cli/main.ts';
import { aDecision } from '#test/support/journal-facts.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

type Ran = { readonly exit: number; readonly out: string; readonly err: string };

async function cli(...argv: readonly string[]): Promise<Ran> {
  const lines = { out: [] as string[], err: [] as string[] };
  const exit = await run(['backtest', ...argv], {
    out: (text) => lines.out.push(text),
    err: (text) => lines.err.push(text),
    isTerminal: false,
  });
  return { exit, out: lines.out.join('\n'), err: lines.err.join('\n') };
}

/** A journal of one signal that stood. */
function journalIn(folder: string): string {
  const path = join(folder, 'journal.db');
  const opened = openJournal({ path });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const at = epochMs(Date.UTC(2026, 10, 23, 15));
  const first = {
    profile: 'test',
    mode: 'replay',
    account: 'T',
    initialEquity: moneyFromUsd(100_000),
    seed: 1,
  } as const;
  const outcome = {
    kind: 'outcome',
    ...{
      recommendationId: 'R1',
      symbol: 'NQZ26-CME',
      decidedAt: at,
      exit: 'target',
      exitPrice: 0,
      exitAt: at + 60_000,
    },
    ...{ netPerContract: moneyFromUsd(500), r: 1, combined: null, probability: null, suggested: 1 },
    riskPerContract: moneyFromUsd(400),
  };
  opened.value.append([
    { at, event: { kind: 'opened', ...first } },
    { at, event: aDecision('R1', at) },
    { at: epochMs(at + 60_000), event: outcome as never },
  ]);
  opened.value.close();
  return path;
}

describe('backtest on the command line', () => {
  it('prints a table, progress on stderr, and the report it was asked for', async () => {
    const folder = temporaryFolder();
    const [journal, report] = [journalIn(folder), join(folder, 'report.html')];
    const { exit, out, err } = await cli('--journal', journal, '--policies', 'fixed,fixed-2%', '--report', report);
    expect(exit).toBe(0);
    expect(out).toMatch(/Fixed, 1 contract\s+\$100,500\.00\s+\+\$500\.00/);
    expect(out).toContain('1 opportunities of 1 decisions');
    expect(out).not.toMatch(/NaN|undefined/);
    expect(err).toContain(report);
    expect(existsSync(report)).toBe(true);
    const again = await cli('--journal', journal, '--policies', 'fixed', '--report', report);
    expect(again).toMatchObject({ exit: 2, out: '' });
  });

  it('prints JSON for machines, the same for every number of workers', async () => {
    const journal = journalIn(temporaryFolder());
    const of = async (workers: string): Promise<PoliciesRun> =>
      JSON.parse((await cli('--journal', journal, '--workers', workers, '--json')).out) as PoliciesRun;
    const [one, three] = [await of('1'), await of('3')];
    expect(one.policies).toHaveLength(13);
    expect({ ...three, head: null }).toEqual({ ...one, head: null });
  });

  it('takes a profile name in place of a file', async () => {
    const { exit, err } = await cli('--journal', 'paper', '--data', temporaryFolder());
    expect(exit).toBe(2);
    expect(err).toMatch(/^error: --journal paper: there is no such journal/);
  });

  it.each([
    [['--journal', 'x', '--policies', 'luck'], /--policies luck.*no such policy.*kelly-third/],
    [['--journal', 'x', '--policies', 'kelly:multiplier=7'], /--policies kelly:multiplier=7/],
    [['--journal', 'x', '--policies', 'kelly:edge=1'], /no parameter edge/],
    [['--journal', 'x', '--from', '2020-02-30x'], /--from/],
    [['--journal', 'x', '--workers', '0'], /--workers/],
    [[], /--journal/],
  ])('%j is exit code 2 and says which option', async (argv, message) => {
    const { exit, err } = await cli(...argv);
    expect(exit).toBe(2);
    expect(err).toMatch(message);
  });

  it('reads parameters after a colon', () => {
    expect(parsePolicies('recommended:multiplier=0.25:lookBackDays=60, kelly-half')).toEqual([
      { kind: 'recommended', multiplier: 0.25, evidenceTrades: null, lookBackDays: 60 },
      { kind: 'kelly', multiplier: 0.5 },
    ]);
    expect(parsePolicies('all')).toHaveLength(13);
  });
});
