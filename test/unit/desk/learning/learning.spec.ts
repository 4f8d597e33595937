import { beforeAll, describe, expect, it } from 'vitest';
import type { Bar } from '#shared/domain/market.ts';
import { ticks } from '#shared/units.ts';
import { networkLogits, softmax } from '#desk/engine/learning/network.ts';
import { predictTrained } from '#desk/engine/learning/predict.ts';
import { climatologyOf, judgeSkill, type Judged } from '#desk/engine/learning/skill.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { learnNetwork, type Window } from '#desk/learning/lstm-learner.ts';
import { loadLibraries, type Libraries } from '#desk/learning/libraries.ts';
import { prepareTraining } from '#desk/learning/training-plan.ts';
import { dailyBars, NOISE, WAVES } from '#test/support/daily-bars.ts';
import {
  barsFile,
  hasLibraries,
  judgeFirst,
  learnFirst,
  prepared,
  shuffledTargets,
  tempFolder,
  trainOptions,
} from '#test/support/learning.ts';

const KINDS = ['lstm', 'ensemble'] as const;

describe.skipIf(!hasLibraries)('learning', () => {
  let libraries: Libraries;
  beforeAll(async () => {
    libraries = await loadLibraries();
  });

  it.each(KINDS)('finds a signal that was planted (%s)', async (kind) => {
    const training = prepared(dailyBars(1_000, { seed: 3, law: WAVES }));
    const { cases } = training;
    const report = judgeFirst(training, cases, await learnFirst(kind, training, { cases, libraries }));
    expect(report.verdict).toBe('skill');
    expect(report.logLoss.skill).toBeGreaterThan(0.05);
    expect(report.brier.interval.lower).toBeGreaterThan(0);
  });

  it('finds what lies in the window and in none of its rows (lstm)', async () => {
    const prng = createPrng(6);
    // Which way the window leaned decides, as it does not in any one of its rows.
    const windows = Array.from({ length: 700 }, (): Window => {
      const rows = Array.from({ length: 6 }, () => [2 * prng.nextDouble() - 1, 2 * prng.nextDouble() - 1]);
      const lean = rows.reduce((sum, [first = 0]) => sum + first, 0);
      return { rows, target: lean > 0.6 ? 2 : lean < -0.6 ? 0 : 1 };
    });
    const network = await learnNetwork(
      libraries,
      { train: windows.slice(0, 400), stop: windows.slice(400, 500) },
      { units: 4, maxEpochs: 40, seed: 2, onEpoch: () => undefined },
    );
    const outcomes = ['short', 'neither', 'long'] as const;
    const known = windows.slice(0, 500).map(({ target }) => outcomes[target]);
    const judged = windows.slice(500).map(({ rows, target }): Judged => {
      const [short = 0, neutral = 0, long = 0] = softmax(networkLogits(network, rows));
      const outcome = outcomes[target];
      return { forecast: { short, neutral, long }, climatology: climatologyOf(known), outcome };
    });
    expect(judgeSkill(judged, 1)).toMatchObject({ verdict: 'skill', cases: 200 });
  });

  it.each(KINDS)('finds nothing where the answers of that signal were shuffled (%s)', async (kind) => {
    const training = prepared(dailyBars(1_000, { seed: 3, law: WAVES }));
    const cases = shuffledTargets(training.cases, 17);
    const report = judgeFirst(training, cases, await learnFirst(kind, training, { cases, libraries }));
    expect(report.verdict).not.toBe('skill');
    expect(report.logLoss.skill).toBeLessThan(0.01);
  });

  it.each(KINDS)('says the same of what came before, whatever comes after (%s)', async (kind) => {
    const bars = dailyBars(800, { seed: 8, law: NOISE });
    const training = prepared(bars);
    const [fold] = training.plan.folds;
    const middle = fold?.test[Math.floor(fold.test.length / 2)] ?? 0;
    const boundary = training.cases[middle]?.asOf ?? 0;
    const other = bars.map((bar): Bar => (bar.openAt < boundary ? bar : { ...bar, close: ticks(bar.low), volume: 7 }));
    const changed = prepareTraining({
      ...trainOptions(barsFile(tempFolder(), other)),
      // The first judged day is a date, not a share of cases whose number the changed bars may move.
      trainTo: new Date((fold?.from ?? 0) - 2 * 86_400_000).toISOString().slice(0, 10),
    });
    const said = async (one: typeof training) => {
      const { forecasts, model } = await learnFirst(kind, one, { cases: one.cases, libraries });
      const before = forecasts.flatMap(({ index, chances }) => {
        const asOf = one.cases[index]?.asOf ?? 0;
        return asOf > boundary ? [] : [{ asOf, chances }];
      });
      return { model, before };
    };
    const same = prepareTraining({
      ...trainOptions(barsFile(tempFolder(), bars)),
      trainTo: new Date((fold?.from ?? 0) - 2 * 86_400_000).toISOString().slice(0, 10),
    });
    const [asItWas, asItIs] = [await said(same), await said(changed)];
    expect(asItWas.before.length).toBeGreaterThan(100);
    expect(asItIs).toEqual(asItWas);
  });

  it('runs the network as TensorFlow does', async () => {
    const training = prepared(dailyBars(800, { seed: 2 }));
    const { cases } = training;
    const { model } = await learnFirst('lstm', training, { cases, libraries });
    if (model.kind !== 'lstm') throw new Error('an LSTM was learned');
    const { tf, layers } = libraries;
    const { units, kernel, recurrent, bias, dense, denseBias } = model.network;
    const theirs = layers.sequential();
    const shape = [model.features.rows, model.features.names.length];
    const gates = { recurrentInitializer: 'zeros', recurrentActivation: 'sigmoid' } as const;
    theirs.add(layers.layers.lstm({ units, inputShape: shape, ...gates }));
    theirs.add(layers.layers.dense({ units: 3, activation: 'softmax' }));
    theirs.setWeights([
      tf.tensor(kernel),
      tf.tensor(recurrent),
      tf.tensor(bias),
      tf.tensor(dense),
      tf.tensor(denseBias),
    ]);
    const { center, scale, clip } = model.standardise;
    for (const { rows } of cases.slice(0, 20)) {
      const input = rows.map((row) =>
        row.map((x, i) => Math.max(-clip, Math.min(clip, (x - (center[i] ?? 0)) / (scale[i] ?? 1)))),
      );
      const output = theirs.predict(tf.tensor([input]));
      if (!('dataSync' in output)) throw new Error('one output was asked for');
      const [short = 0, neutral = 0, long = 0] = Array.from(output.dataSync());
      const raw = { ...model, calibration: { long: { kind: 'none' }, short: { kind: 'none' } } } as const;
      const { chances } = predictTrained(raw, rows);
      expect(chances.short).toBeCloseTo(short, 5);
      expect(chances.neutral).toBeCloseTo(neutral, 5);
      expect(chances.long).toBeCloseTo(long, 5);
    }
    theirs.dispose();
  });
});
