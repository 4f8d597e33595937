import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { moneyFromUsd } from '#shared/units.ts';
import { openDesk, verifyJournal } from '#desk/desk.ts';

it('a desk sizes with the costs of its settings from a start on, and its journal stays sound', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'kelly-desk-costs-'));
  onTestFinished(() => rmSync(dataFolder, { recursive: true, force: true }));
  const folder = join(dataFolder, 'profiles', 'simulation');
  mkdirSync(folder, { recursive: true });
  const start = async () => {
    const desk = await openDesk({ dataFolder, profile: 'simulation', seed: 7, warmUpSessions: 1 });
    await desk.ready();
    const { instruments } = await desk.handlers['desk.snapshot']({});
    await desk.close();
    return instruments.find(({ root }) => root === 'NQ');
  };
  expect(await start()).toMatchObject({ slippageTicks: 2, roundTurnFee: moneyFromUsd(4.6) });
  writeFileSync(join(folder, 'settings.json'), '{"costs":{"NQ":{"slippageTicks":4,"roundTurnFeeUsd":3.2}}}');
  expect(await start()).toMatchObject({ slippageTicks: 4, roundTurnFee: moneyFromUsd(3.2) });
  expect(verifyJournal(join(folder, 'journal.db'))).toMatchObject({ isSound: true });
});
