import { describe, expect, it } from 'vitest';
import type { ConnectionStep } from '#shared/domain/connection-test.ts';
import { testForecastSource } from '#desk/adapters/models/test-forecast-source.ts';
import { createFeatureBuilder } from '#desk/engine/features/feature-builder.ts';
import {
  PROTOCOLS,
  PROTOCOL_NAMES,
  startModelServer,
  type ProtocolName,
  type ServerState,
} from '#test/support/model-servers.ts';
import { connectionOf } from '#test/support/model-source.ts';
import { createVirtualClock } from './virtual-clock.ts';

async function stepsOf(name: ProtocolName, state: Partial<ServerState>, over: Readonly<Record<string, unknown>> = {}) {
  const server = await startModelServer(name, state);
  const steps: ConnectionStep[] = [];
  const isOk = await testForecastSource(connectionOf({ ...PROTOCOLS[name].connection, url: server.url, ...over }), {
    ...{ clock: createVirtualClock(), features: createFeatureBuilder(), report: (step) => void steps.push(step) },
  });
  return { isOk, steps, said: steps.map((step) => `${step.name} ${step.ok ? 'ok' : 'failed'}`) };
}
const ALL = ['features ok', 'ready ok', 'metadata ok', 'inference ok', 'mapping ok'];

describe('the test of a connection to a model', () => {
  it.each(PROTOCOL_NAMES)('%s: every step passes and says what it found', async (name) => {
    const { isOk, said, steps } = await stepsOf(name, {});
    expect([isOk, said]).toEqual([true, ALL]);
    expect(steps.at(-1)?.detail).toMatch(/^probs3: long, confidence 0\.640 by nq/);
  });

  it.each<[string, Partial<ServerState>, Readonly<Record<string, unknown>>, string, RegExp]>([
    ['an unknown feature', {}, { features: { schema: 'fs-9', rows: 4 } }, 'features', /fs-9/],
    ['a model that loads', { isReady: false }, {}, 'ready', /HTTP 400, saying "loading"/],
    ['another shape', { shape: [1, 60, 8] }, {}, 'metadata', /expects \[1,60,8\], desk builds \[1,4,2\]/],
    ['a refused token', { token: 'Bearer x' }, {}, 'ready', /HTTP 401.*token/],
    [
      'no answer',
      { answer: () => ({ status: 500, body: '{"error":"out of memory"}' }) },
      {},
      'inference',
      /out of memory/,
    ],
    ['numbers that are none', { probs: [0.5, 0.5, 0.5] }, {}, 'mapping', /sum to 1, not 1\.5/],
    ['another version', { version: '4' }, { expectedVersion: '3' }, 'mapping', /nq 4 answers/],
  ])('%s fails its own step, with a way out', async (_, state, over, step, words) => {
    const { isOk, steps } = await stepsOf('open-inference', state, over);
    const last = steps.at(-1);
    expect(isOk).toBe(false);
    expect(last).toMatchObject({ name: step, ok: false });
    expect(last?.detail).toMatch(words);
    expect(last?.remedy?.length).toBeGreaterThan(10);
    expect(steps.slice(0, -1).every((one) => one.ok)).toBe(true);
  });
});
