import { describe, expect, it } from 'vitest';
import type { ModelId, ModelVersion } from '#shared/domain/prediction.ts';
import { decide } from '#desk/engine/decide.ts';
import { createModelVersions } from '#desk/decisions/model-versions.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import { errorOf, newStage } from './stage.ts';

const version = (text: string, over: Partial<ModelVersion> = {}): ModelVersion => ({
  ...{ name: 'nq', version: text, featureSchema: 'fs-1', sha256: null },
  ...over,
});

/** A stage whose models run versions that can be changed. */
async function versioned() {
  const running: Record<ModelId, ModelVersion> = { lstm: version('1'), ensemble: version('7') };
  const stage = await newStage({
    models: (clock) => {
      const source = (model: ModelId): ForecastSource => ({
        model,
        predict: ({ symbol, asOf }) =>
          Promise.resolve({
            ...{ model, symbol, asOf, state: 'ok', direction: 1, confidence: 0.75, receivedAt: clock.now() },
            ...{ latencyMs: 1, detail: null, modelVersion: running[model] },
          }),
        connection: () => {
          throw new Error('not asked');
        },
        onConnection: () => () => undefined,
        close: () => Promise.resolve(),
      });
      return { lstm: source('lstm'), ensemble: source('ensemble') };
    },
  });
  const events = () => [...stage.journal.events({ kinds: ['model-version'] })].map(({ event }) => event);
  return { stage, running, events };
}

describe('the version of a model', () => {
  it('seen first is accepted as it comes and journaled once', async () => {
    const { stage, events } = await versioned();
    await stage.propose();
    await stage.propose();
    expect(events()).toEqual([
      { kind: 'model-version', model: 'lstm', version: version('1'), state: 'accepted', actor: 'desk' },
      { kind: 'model-version', model: 'ensemble', version: version('7'), state: 'accepted', actor: 'desk' },
    ]);
  });

  it.each<[string, ModelVersion]>([
    ['another number', version('2')],
    ['another file under the same number', version('1', { sha256: 'ab' })],
    ['another name', version('1', { name: 'es' })],
  ])('that changes (%s) is journaled once, told, and sizes nothing until the trader accepts it', async (_, next) => {
    const { stage, running, events } = await versioned();
    expect((await stage.propose())[0]?.decision.status).toBe('sized');
    running.lstm = next;
    for (let i = 0; i < 3; i += 1) {
      const [blocked] = await stage.propose();
      expect(blocked).toMatchObject({ state: 'blocked', decision: { contracts: 0, status: 'prediction-invalid' } });
      expect(blocked?.opinions.lstm).toMatchObject({ state: 'mismatch', direction: null, modelVersion: next });
      expect(blocked?.opinions.lstm?.detail).toMatch(/Accept the new version/);
    }
    expect(events().filter((event) => event.state === 'offered')).toHaveLength(1);
    expect(stage.notices.all().map((n) => n.id)).toContain('model-version:lstm');
    expect(stage.published.filter((p) => p.topic === 'models.versionsChanged').at(-1)?.payload).toMatchObject([
      { model: 'lstm', accepted: version('1'), offered: next },
      { model: 'ensemble', offered: null },
    ]);

    const { versions } = stage.assembly;
    const late = await errorOf(() => versions.accept('lstm', version('1')));
    expect(late).toMatchObject({ code: 'refused' });
    expect(versions.accept('lstm', next)[0]).toEqual({ model: 'lstm', accepted: next, offered: null });
    expect(events().at(-1)).toMatchObject({ version: next, state: 'accepted', actor: 'trader' });
    expect(stage.notices.all().map((n) => n.id)).not.toContain('model-version:lstm');
    const [again] = await stage.propose();
    expect(again?.decision.status).toBe('sized');
    expect(stage.journal.verify(decide).findings).toEqual([]);
    expect((await errorOf(() => versions.accept('lstm', next))).message).toMatch(/offers no other version/);
  });

  it('that comes back to the accepted one needs nothing, and a wavering service fills no journal', async () => {
    const { stage, running, events } = await versioned();
    await stage.propose();
    for (let i = 0; i < 3; i += 1) {
      running.lstm = version('2');
      expect((await stage.propose())[0]?.decision.contracts).toBe(0);
      running.lstm = version('1');
      expect((await stage.propose())[0]?.decision.status).toBe('sized');
      expect(stage.notices.all()).toEqual([]);
    }
    expect(events().filter((event) => event.state === 'offered')).toHaveLength(1);
  });

  it('stays blocked over a restart', async () => {
    const { stage, running } = await versioned();
    await stage.propose();
    running.ensemble = version('8');
    await stage.propose();
    const raised: string[] = [];
    const restored = createModelVersions({
      journal: stage.journal,
      record: () => undefined,
      notices: { raise: ({ id }) => void raised.push(id), clear: () => undefined },
      changed: () => undefined,
    });
    expect(restored.all()).toEqual([
      { model: 'lstm', accepted: version('1'), offered: null },
      { model: 'ensemble', accepted: version('7'), offered: version('8') },
    ]);
    expect(raised).toEqual(['model-version:ensemble']);
  });
});
