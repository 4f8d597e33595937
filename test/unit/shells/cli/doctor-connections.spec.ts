import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { run } from '#shells/cli/main.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

const findingSchema = z.array(z.object({ check: z.string(), state: z.string(), detail: z.string() }).loose());
let folder: string;
let profile: string;

beforeEach(() => {
  folder = temporaryFolder();
  profile = path.join(folder, 'profiles', 'paper');
  mkdirSync(profile, { recursive: true, mode: 0o700 });
});

async function doctor(...extra: readonly string[]) {
  const lines: string[] = [];
  const output = { out: (text: string) => void lines.push(text), err: () => undefined, isTerminal: false };
  await run(['doctor', '--data', folder, '--profile', 'paper', '--json', ...extra], output);
  const found = findingSchema.parse(JSON.parse(lines.join('\n')));
  return { text: lines.join('\n'), of: (check: string) => found.filter((one) => one.check.startsWith(check)) };
}

const service = { kind: 'desk', url: 'http://127.0.0.1:1' };
function configure(changes: Readonly<Record<string, unknown>> = {}): void {
  const config = {
    ...{ profile: 'paper', account: 'Sim1', equityUsd: 100_000, instruments: [{ contract: 'NQ' }] },
    ...{ models: { lstm: { ...service, tokenSecret: 'doctor-lstm' }, ensemble: service }, broker: { kind: 'paper' } },
    marketData: [{ kind: 'replay', files: { NQ: 'nq.csv' } }],
    ...changes,
  };
  writeFileSync(path.join(profile, 'connections.json'), JSON.stringify(config));
}
const keepSecret = (): void => {
  const secrets = { schema: 1, backend: null, secrets: { 'doctor-lstm': 'canary-4711' } };
  writeFileSync(path.join(profile, 'secrets.json'), JSON.stringify(secrets), { mode: 0o600 });
};

describe('the doctor on a profile with connections', () => {
  it('says that there is no file, and how to write one', async () => {
    const { of } = await doctor();
    expect(of('Connections')).toMatchObject([{ state: 'warn', remedy: expect.stringContaining('--schema') as string }]);
    expect(of('Secrets')).toEqual([]);
  });

  it('names the field that is wrong, and shows nothing of what stands in one it does not know', async () => {
    configure({ broker: { kind: 'paper', password: 'canary-4711' } });
    const { of, text } = await doctor();
    expect(of('Connections')).toMatchObject([{ state: 'fail' }]);
    expect(of('Connections')[0]?.detail).toContain('broker.password');
    expect(text).not.toContain('canary-4711');
    configure({ profile: 'live' });
    expect((await doctor()).of('Connections')).toMatchObject([{ state: 'fail' }]);
    configure({ equityUsd: 'much' });
    expect((await doctor()).of('Connections')).toMatchObject([
      { state: 'fail', detail: expect.stringContaining('equityUsd is "much"') as string, remedy: 'give a number' },
    ]);
  });

  it('names the secrets that are not set with the command that sets them, and never what they are', async () => {
    configure();
    const missing = await doctor();
    expect(missing.of('Connections')).toMatchObject([{ state: 'ok' }]);
    expect(missing.of('Secrets')).toMatchObject([
      { state: 'fail', remedy: expect.stringContaining('secret set doctor-lstm --profile paper') as string },
    ]);
    keepSecret();
    const set = await doctor();
    expect(set.of('Secrets')).toMatchObject([{ state: 'ok', detail: '1 secret set' }]);
    expect(set.text).not.toContain('canary-4711');
    if (process.platform === 'win32') return;
    chmodSync(path.join(profile, 'secrets.json'), 0o644);
    expect((await doctor()).of('Secrets')).toMatchObject([
      { state: 'fail', remedy: expect.stringContaining('chmod 600') as string },
    ]);
  });

  it('connects to nothing unless it is asked to, and then says what failed', async () => {
    configure();
    keepSecret();
    expect((await doctor()).of('Try ')).toEqual([]);
    const tried = (await doctor('--connections')).of('Try ');
    expect(tried.length).toBeGreaterThan(1);
    expect(tried).toContainEqual(
      expect.objectContaining({ check: expect.stringContaining('lstm') as string, state: 'fail' }),
    );
    for (const { state, remedy } of tried) expect(remedy === null).toBe(state === 'ok');
  });
});
