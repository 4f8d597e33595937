import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '#shells/cli/main.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

async function command(...argv: readonly string[]): Promise<{ exit: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const exit = await run(argv, {
    out: (text) => void (said.out += `${text}\n`),
    err: (text) => void (said.err += `${text}\n`),
    isTerminal: false,
  });
  return { exit, ...said };
}
const nowhere = { kind: 'desk', url: 'http://127.0.0.1:9' };
const config = (broker: string): string => {
  const file = join(temporaryFolder(), 'connections.json');
  const content = {
    ...{ profile: 'paper', account: 'P1', equityUsd: 100_000, instruments: [{ contract: 'NQ' }] },
    models: { lstm: nowhere, ensemble: nowhere },
    broker: { kind: broker },
    marketData: [{ kind: 'replay', files: { NQ: '/nowhere.csv' } }],
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
};

test('connections test --schema prints the form of the file', async () => {
  const { exit, out } = await command('connections', 'test', '--schema');
  expect(exit).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ type: 'object', additionalProperties: false });
});

test('connections test reports every step with its time, and exits with 1 when one failed', async () => {
  const { exit, out } = await command('connections', 'test', '--json', '--config', config('paper'));
  expect(exit).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    ok: false,
    reports: [
      { id: 'model:lstm', ok: false },
      { id: 'model:ensemble' },
      { id: 'broker:paper', ok: true },
      { ok: false },
    ],
  });
});

test('a file with an error is bad input: its field, its value and the remedy', async () => {
  const { exit, err } = await command('connections', 'test', '--config', config('nobody'));
  expect(exit).toBe(2);
  expect(err).toContain('broker.kind "nobody"');
  expect((await command('connections', 'test')).exit).toBe(2);
});
