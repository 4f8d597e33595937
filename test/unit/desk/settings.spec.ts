import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSettings, readSettings } from '#desk/profiles/settings.ts';

const error = (text: string) => {
  const result = parseSettings('settings.json', text);
  if (result.ok) throw new Error('expected an error');
  return result.error;
};

describe('settings file', () => {
  it('is the conservative preset when nothing is said', () => {
    const result = parseSettings('settings.json', '{}');
    expect(result).toMatchObject({
      ok: true,
      value: { sizing: { preset: 'conservative', maxContracts: 5, maxHeat: 0.2 } },
    });
  });

  it('takes a missing file as the defaults and names an unreadable one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'settings-'));
    expect(readSettings(join(folder, 'none.json')).ok).toBe(true);
    expect(readSettings(folder)).toMatchObject({ ok: false, error: { code: 'invalid-settings', path: folder } });
    writeFileSync(join(folder, 'settings.json'), '{"sizing":{"maxContracts":2}}');
    expect(readSettings(join(folder, 'settings.json'))).toMatchObject({
      ok: true,
      value: { sizing: { maxContracts: 2 } },
    });
  });

  it('names an unknown key with its path, its value and what to do', () => {
    expect(error('{"sizing":{"maxContract":3}}')).toMatchObject({
      field: 'sizing.maxContract',
      value: '3',
      remedy: 'remove the key or correct its name',
    });
    expect(error('{"maxHeat":0.1}')).toMatchObject({ field: 'maxHeat', value: '0.1' });
  });

  it('names a value out of range, of the wrong type, and a text that is not JSON', () => {
    expect(error('{"sizing":{"maxHeat":2}}')).toMatchObject({ field: 'sizing.maxHeat', value: '2' });
    expect(error('{"sizing":{"maxContracts":"five"}}')).toMatchObject({
      field: 'sizing.maxContracts',
      value: '"five"',
    });
    expect(error('{"preset":"reckless"}')).toMatchObject({
      field: 'preset',
      value: '"reckless"',
      remedy: 'choose one of conservative, specification',
    });
    expect(error('{')).toMatchObject({ field: '(file)' });
  });

  it('takes a preset of the trader’s own, and names what is wrong in it', () => {
    const mine = (preset: string) => `{"preset":"mine","presets":{"mine":${preset}}}`;
    const good = parseSettings('settings.json', mine('{"base":"conservative","sizing":{"maxContracts":3}}'));
    expect(good).toMatchObject({ ok: true, value: { sizing: { preset: 'mine', maxContracts: 3, maxHeat: 0.2 } } });
    expect(error(mine('{"sizing":{"maxContracts":8}}'))).toMatchObject({
      field: 'presets.mine.sizing.maxContracts',
      value: '8',
    });
    expect(error(mine('{"base":"none","sizing":{}}'))).toMatchObject({ field: 'presets.mine.base', value: '"none"' });
  });

  it('loosens a limit beyond its ceiling only when the file names it', () => {
    const raised = parseSettings('settings.json', '{"sizing":{"maxContracts":9},"raises":["maxContracts"]}');
    expect(raised).toMatchObject({ ok: true, value: { sizing: { maxContracts: 9 } } });
    expect(error('{"raises":["everything"]}')).toMatchObject({ field: 'raises', value: '"everything"' });
  });

  it('does not let a limit pass its ceiling', () => {
    const raised = error('{"sizing":{"maxContracts":9}}');
    expect(raised.field).toBe('sizing.maxContracts');
    expect(raised.remedy).toMatch(/or less/);
  });

  it('takes risk limits over their defaults, and lets none be switched off', () => {
    const some = parseSettings(
      'settings.json',
      '{"risk":{"maxConsecutiveLosses":3,"breakerEffects":{"day-loss":"flatten"}}}',
    );
    expect(some).toMatchObject({
      ok: true,
      value: { risk: { maxConsecutiveLosses: 3, breakerEffects: { 'day-loss': 'flatten', drawdown: 'entries' } } },
    });
    const off = error('{"risk":{"maxOrdersPerMinute":100000}}');
    expect(off).toMatchObject({ field: 'risk.maxOrdersPerMinute', value: '100000' });
    expect(off.remedy).toBe('set 1 to 60; this guard cannot be switched off');
    expect(error('{"risk":{"maxOrders":5}}')).toMatchObject({ field: 'risk.maxOrders', value: '5' });
    expect(error('{"risk":{"duplicateWindowMs":0}}')).toMatchObject({ field: 'risk.duplicateWindowMs', value: '0' });
    expect(error('{"risk":{"breakerEffects":{"drift":"flatten"}}}')).toMatchObject({
      field: 'risk.breakerEffects.drift',
    });
  });
});
