import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InstrumentCosts } from '#shared/contract/instrument-operations.ts';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import { createClock } from '#desk/profiles/clocks.ts';
import { isNews, withCosts } from '#desk/profiles/instrument-costs.ts';
import { frontInstrument } from '#desk/profiles/instruments.ts';
import { defaultSettings, parseSettings, type Settings } from '#desk/profiles/settings.ts';
import { createInstrumentHandlers } from '#desk/settings/instrument-handlers.ts';

const NOW = epochMs(Date.UTC(2026, 8, 15, 15));
const nq = frontInstrument('NQ', NOW, 3, 'cme');
const es = frontInstrument('ES', NOW, 3, 'cme');
const gc = frontInstrument('GC', NOW, 3, 'cme');

let folder = '';
let settings: Settings;
let recorded: JournalEvent[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'instruments-'));
  settings = defaultSettings();
  recorded = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const RHO = [
  [1, 0.1, 0.92],
  [0.1, 1, 0.1],
  [0.92, 0.1, 1],
];
const room = () =>
  createInstrumentHandlers({
    ...{ folder, settings: () => settings, problem: () => null, mustBeReady: () => undefined },
    adopt: (next) => {
      settings = next;
    },
    instruments: new Map([nq, es, gc].map((one) => [one.symbol, withCosts(one, settings.costs)])),
    broker: { definition: (symbol) => (symbol === nq.symbol ? { tickSize: 0.25, tickValueUsd: 5 } : null) },
    lock: (symbol) => (symbol === gc.symbol ? 'GC tick value differs' : null),
    correlations: (roots) => ({ roots: [...roots], rho: RHO }),
    clock: createClock(NOW),
    recorder: {
      record: (events) => {
        recorded.push(...events);
        return [];
      },
    },
  });
const itemsOf = async (handlers = room()) => (await handlers['instruments.list']({})).items;
const set = async (costs: InstrumentCosts, root = 'NQ', handlers = room()) =>
  handlers['instruments.setCosts']({ root, costs });

describe('instruments', () => {
  it('tell their source, who they move with, whether their market is open, and a lock', async () => {
    const [first, second, third] = await itemsOf();
    expect(first).toMatchObject({ correlated: [{ root: 'ES', rho: 0.92 }], isOpen: true, lock: null });
    expect(first?.source).toMatch(/exchange’s specification.*as the broker has it/);
    expect(second?.source).toContain('the broker does not say');
    expect(second).toMatchObject({ correlated: [{ root: 'NQ', rho: 0.92 }] });
    expect(third).toMatchObject({ correlated: [], lock: 'GC tick value differs' });
  });

  it('take costs of the trader, journaled, in force at the next start and only then', async () => {
    writeFileSync(join(folder, 'settings.json'), '{"sizing":{"maxContracts":3}}');
    const running = room();
    await set({ roundTurnFeeUsd: 3.9, slippageTicks: 4 }, 'NQ', running);
    expect(JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8'))).toEqual({
      ...{ sizing: { maxContracts: 3 }, costs: { NQ: { roundTurnFeeUsd: 3.9, slippageTicks: 4 } } },
    });
    const [standing] = await itemsOf(running);
    expect(standing).toMatchObject({
      ...{ isRestartNeeded: true, costs: { roundTurnFeeUsd: 3.9, slippageTicks: 4 } },
      instrument: { roundTurnFee: nq.roundTurnFee, slippageTicks: 2 },
    });
    expect(recorded).toMatchObject([{ kind: 'notice', detail: expect.stringContaining('NQ: fee $3.9') as string }]);
    const [restarted] = await itemsOf();
    expect(restarted).toMatchObject({
      ...{ isRestartNeeded: false, instrument: { roundTurnFee: moneyFromUsd(3.9), slippageTicks: 4 } },
    });
  });

  it('go back to the usual costs, and the file says nothing of them any more', async () => {
    await set({ roundTurnFeeUsd: 1, slippageTicks: null });
    const started = room();
    await set({ roundTurnFeeUsd: null, slippageTicks: null }, 'NQ', started);
    expect(JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8'))).toEqual({});
    expect((await itemsOf(started))[0]?.isRestartNeeded).toBe(true);
  });

  it.each([
    [{ roundTurnFeeUsd: -1, slippageTicks: null }, 'costs.NQ.roundTurnFeeUsd', '-1'],
    [{ roundTurnFeeUsd: null, slippageTicks: 1.5 }, 'costs.NQ.slippageTicks', '1.5'],
    [{ roundTurnFeeUsd: null, slippageTicks: 101 }, 'costs.NQ.slippageTicks', '101'],
  ])('refuse %o with the field, what stands there and what to do', async (costs, field, value) => {
    await expect(set(costs)).rejects.toMatchObject({ data: { code: 'invalid-input', field, value } });
    expect(settings.costs).toEqual({});
    await expect(set({ roundTurnFeeUsd: 1, slippageTicks: 1 }, 'XX')).rejects.toMatchObject({
      data: { code: 'not-found' },
    });
  });
});

describe('costs of the settings', () => {
  it('change what is named and nothing else, and are news to the journal', () => {
    const parsed = parseSettings('settings.json', '{"costs":{"NQ":{"slippageTicks":5}}}');
    if (!parsed.ok) throw new Error(parsed.error.remedy);
    const changed = withCosts(nq, parsed.value.costs);
    expect(changed).toEqual({ ...nq, slippageTicks: 5 });
    expect(withCosts(es, parsed.value.costs)).toBe(es);
    expect([isNews(undefined, nq), isNews(nq, nq), isNews(nq, changed)]).toEqual([true, false, true]);
  });
});
