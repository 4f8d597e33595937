import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SettingsChange } from '#shared/contract/settings-operations.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { moneyFromUsd } from '#shared/units.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import { defaultSettings, readSettings, type Settings } from '#desk/profiles/settings.ts';
import { createSettingsHandlers } from '#desk/settings/settings-handlers.ts';
import { snapshot } from '#test/support/snapshots.ts';

let folder = '';
let settings: Settings;
let recorded: JournalEvent[];
let told: unknown[];
let problem: string | null;
let signals: readonly SizingSnapshot[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
  settings = defaultSettings();
  [recorded, told, problem, signals] = [[], [], null, []];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const room = () =>
  createSettingsHandlers({
    ...{ folder, problem: () => problem, mustBeReady: () => undefined, settings: () => settings },
    adopt: (next) => {
      settings = next;
    },
    publish: (name, payload) => void told.push([name, payload]),
    equity: () => ({ sizing: moneyFromUsd(100_000), day: moneyFromUsd(101_000), peak: moneyFromUsd(120_000) }),
    signals: () => signals,
    recorder: {
      record: (events) => {
        recorded.push(...events);
        return [];
      },
    },
  });
const read = async () => room()['settings.read']({});
const preview = async (change: SettingsChange) => room()['settings.preview'](change);
const save = async (change: SettingsChange) =>
  room()['settings.save']({ ...change, revision: (await read()).revision });
const fieldOf = async (name: string) => (await read()).fields.find(({ field }) => field === name);
const onDisk = (): unknown => JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8'));

describe('limits', () => {
  it('tell each default, its ceiling and what it comes to at the equity it is a share of', async () => {
    expect(await fieldOf('maxRiskPerTrade')).toMatchObject({
      value: 0.05,
      source: 'preset',
      money: moneyFromUsd(5_000),
    });
    expect(await fieldOf('breakers.dayLossHalt')).toMatchObject({ value: 0.03, money: moneyFromUsd(3_030) });
    expect(await fieldOf('breakers.drawdownHalt')).toMatchObject({ value: 0.2, money: moneyFromUsd(24_000) });
    expect(await fieldOf('maxContracts')).toMatchObject({ bound: { min: null, max: 5, canRaise: true }, money: null });
    expect(await fieldOf('risk.maxOrdersPerMinute')).toMatchObject({
      ...{ value: 10, source: 'default', bound: { min: 1, max: 60, canRaise: false } },
    });
    expect(await fieldOf('multiplier')).toMatchObject({ value: 'dial' });
  });

  it('say what the last signals would be under them, sized by the engine', async () => {
    signals = [snapshot()];
    const [standing] = (await read()).sizes;
    const { limits } = await preview({ set: { maxContracts: 1 } });
    const [next] = limits?.sizes ?? [];
    expect(standing?.contracts).toBeGreaterThan(1);
    expect(next).toMatchObject({
      symbol: standing?.symbol,
      contracts: 1,
      text: expect.stringMatching(/max contracts/) as string,
    });
    expect((next?.risk ?? 0) * (standing?.contracts ?? 0)).toBe(standing?.risk);
  });

  it('are previewed without being written', async () => {
    const { limits } = await preview({ set: { maxRiskPerTrade: 0.02 } });
    expect(limits?.fields.find(({ field }) => field === 'maxRiskPerTrade')).toMatchObject({
      ...{ value: 0.02, standard: 0.05, source: 'file', money: moneyFromUsd(2_000) },
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuse a value with its field, what stands there and what to do', async () => {
    expect((await preview({ set: { maxHeat: 0.3 } })).problem).toEqual({
      ...{ field: 'maxHeat', value: '0.3', remedy: 'set 0.2 or less, or name it under raises' },
    });
    expect((await preview({ set: { 'risk.maxOrdersPerMinute': 100 } })).problem?.field).toBe('risk.maxOrdersPerMinute');
    expect((await preview({ set: { 'breakers.drawdownWarn': -1 } })).problem?.field).toBe('breakers.drawdownWarn');
    expect((await preview({ set: { nothing: 1 } })).problem?.field).toBe('nothing');
  });

  it('go beyond a ceiling only where they are named', async () => {
    await expect(save({ set: { maxContracts: 8 } })).rejects.toMatchObject({
      data: { code: 'invalid-input', field: 'maxContracts', value: '8' },
    });
    expect(settings.sizing.maxContracts).toBe(5);
    await save({ set: { maxContracts: 8 }, raises: ['maxContracts'] });
    expect(settings.sizing.maxContracts).toBe(8);
    expect(await fieldOf('maxContracts')).toMatchObject({ value: 8, isRaised: true });
    // The schema's own bound is not raised by any name.
    const beyond = await preview({ set: { fractionCap: 0.5 }, raises: ['fractionCap'] });
    expect(beyond.problem?.field).toBe('fractionCap');
  });

  it('are in force once saved, journaled, told, and what was there is kept', async () => {
    writeFileSync(join(folder, 'settings.json'), '{"planning":{"stopAtr":3}}');
    await save({ set: { 'breakers.dayLossHalt': 0.02, 'risk.breakerEffects.day-loss': 'flatten', multiplier: '1/4' } });
    expect(settings.sizing.breakers).toMatchObject({ dayLossHalt: 0.02, drawdownHalt: 0.2 });
    expect(settings.sizing.multiplier).toEqual({ mode: 'fixed', value: 0.25 });
    expect(settings.risk.breakerEffects['day-loss']).toBe('flatten');
    expect(settings.planning.stopAtr).toBe(3);
    expect(readSettings(join(folder, 'settings.json'))).toEqual({ ok: true, value: settings });
    expect(recorded.map(({ kind }) => kind)).toEqual(['config', 'notice']);
    expect(recorded[0]).toMatchObject({ actor: 'trader', config: settings.sizing });
    expect(JSON.stringify(recorded[1])).toContain('Day loss halts at 0.03 → 0.02');
    expect(told).toEqual([['settings.changed', { config: settings.sizing }]]);
    const [copy = ''] = readdirSync(join(folder, 'backups'));
    expect(readFileSync(join(folder, 'backups', copy), 'utf8')).toBe('{"planning":{"stopAtr":3}}');
    if (process.platform !== 'win32') expect(statSync(join(folder, 'settings.json')).mode & 0o077).toBe(0);
  });

  it('put back to standard leave the file', async () => {
    await save({ set: { maxContracts: 3, 'breakers.dayLossHalt': 0.01, 'risk.priceCollarTicks': 5 } });
    await save({ set: { maxContracts: null, 'breakers.dayLossHalt': 0.03, 'risk.priceCollarTicks': null } });
    expect(onDisk()).toEqual({ preset: 'conservative' });
    expect(readdirSync(join(folder, 'backups'))).toHaveLength(1);
  });

  it('of another preset begin without the changes of the one before', async () => {
    await save({ set: { maxContracts: 2, 'risk.maxConsecutiveLosses': 3 } });
    await save({ preset: 'specification' });
    expect(settings.sizing).toMatchObject({ preset: 'specification', maxContracts: 5, basis: 'margin' });
    expect(settings.risk.maxConsecutiveLosses).toBe(3);
    expect(await fieldOf('multiplier')).toMatchObject({ value: '1', source: 'preset', isRaised: true });
  });

  it('are not saved over a file that was changed meanwhile, or has an error', async () => {
    const { revision } = await read();
    writeFileSync(join(folder, 'settings.json'), '{"sizing":{"maxContracts":1}}');
    const change = { set: { maxHeat: 0.1 } };
    await expect(async () => room()['settings.save']({ ...change, revision })).rejects.toMatchObject({
      data: { code: 'refused' },
    });
    problem = 'sizing.maxContracts is "x"';
    await expect(save(change)).rejects.toMatchObject({ data: { code: 'refused' } });
    expect(onDisk()).toEqual({ sizing: { maxContracts: 1 } });
    expect(await read()).toMatchObject({ problem });
  });

  it('keep every version of two saves in one second', async () => {
    mkdirSync(join(folder, 'backups'));
    for (const contracts of [4, 3, 2, 1]) await save({ set: { maxContracts: contracts } });
    expect(readdirSync(join(folder, 'backups'))).toHaveLength(3);
  });
});
