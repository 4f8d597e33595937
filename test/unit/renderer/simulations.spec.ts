import { afterEach, describe, expect, it } from 'vitest';
import { drawdownsScene, fanScene } from '#renderer/src/features/backtest/fan-scene.ts';
import { stabilityScene, surfaceScene } from '#renderer/src/features/backtest/walk-forward-scenes.ts';
import { KINDS, nextKind, runsOfKind, showKind, useBacktest } from '#renderer/src/store/backtest.ts';
import { EMPTY_DRAFT } from '#renderer/src/store/backtest-draft.ts';
import {
  EMPTY_MONTE_CARLO,
  EMPTY_WALK_FORWARD,
  monteCarloRequestOf,
  walkForwardRequestOf,
} from '#renderer/src/store/simulation-draft.ts';
import type { MonteCarloDraft, WalkForwardDraft } from '#renderer/src/store/simulation-draft.ts';
import { monteCarloRequestSchema, walkForwardRequestSchema } from '#shared/contract/backtest-requests.ts';
import type { RunHead } from '#shared/domain/backtest.ts';
import type { MonteCarloRun } from '#shared/domain/monte-carlo.ts';
import type { Fold, WalkForwardRun } from '#shared/domain/walk-forward.ts';
import { epochMs } from '#shared/units.ts';
import { scoreText } from '#shared/wording/walk-forward.ts';
import { POLICY_OFFERS } from '#desk/backtest/catalogue.ts';

const SIZE = { width: 640, height: 300 };

const textsOf = (scene: ReturnType<typeof fanScene>): readonly string[] =>
  scene.shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.text] : []));

const hasBadNumber = (scene: ReturnType<typeof fanScene>): boolean =>
  JSON.stringify(scene).match(/NaN|null|Infinity/) !== null;

describe('the draft of a simulation', () => {
  const of = (changes: Partial<MonteCarloDraft> = {}) =>
    monteCarloRequestOf(POLICY_OFFERS, { ...EMPTY_MONTE_CARLO, ...changes }, EMPTY_DRAFT);

  it('asks for own trades as they were taken, the block by the trades themselves', () => {
    const request = of();
    expect(request).toMatchObject({
      ok: true,
      value: { source: { from: 'journal' }, bet: { kind: 'as-taken' }, meanBlock: null, loss: 0.2, ruinLevel: 0.5 },
    });
    if (request.ok) expect(monteCarloRequestSchema.safeParse(request.value).success).toBe(true);
  });

  it('asks for a stake in percent, and for a policy with its parameters', () => {
    const [offer] = POLICY_OFFERS;
    const request = of({ source: `policy ${offer?.key ?? ''}`, bet: 'fixed', fraction: '1.5', block: '4' });
    expect(request).toMatchObject({
      value: { source: { spec: offer?.spec }, bet: { kind: 'fixed', fraction: 0.015 }, meanBlock: 4 },
    });
    expect(of({ source: 'run ABC kelly-0.5' })).toMatchObject({
      value: { source: { from: 'run', runId: 'ABC', key: 'kelly-0.5' } },
    });
  });

  it.each([
    [{ paths: '1e9' }, 'Paths takes a whole number from 100 to 50000.'],
    [{ trades: '2.5' }, 'Trades of a path takes a whole number from 1 to 10000.'],
    [{ bet: 'fraction', fraction: '' }, 'The stake takes 0.001 to 100.'],
    [{ source: 'policy gone' }, 'Choose whose trades are drawn.'],
  ] as const)('%j is no request', (changes, error) => {
    expect(of(changes)).toEqual({ ok: false, error });
  });
});

describe('the draft of a walk-forward', () => {
  const of = (changes: Partial<WalkForwardDraft> = {}) =>
    walkForwardRequestOf({ ...EMPTY_WALK_FORWARD, ...changes }, EMPTY_DRAFT);

  it('asks for every combination of its lists', () => {
    const request = of({ multipliers: '0.5, 1,', lookBackDays: '90' });
    expect(request).toMatchObject({ value: { multipliers: [0.5, 1], lookBackDays: [90], inSampleShare: 0.4 } });
    if (request.ok) expect(walkForwardRequestSchema.safeParse(request.value).success).toBe(true);
  });

  it.each([
    [{ multipliers: '1, 1' }, '1 stands twice in λ.'],
    [{ multipliers: '2' }, 'Each of λ takes 0.001 to 1.'],
    [{ lookBackDays: '' }, 'Give one to eight values of the look-back.'],
    [{ multipliers: '1', evidenceTrades: '0', lookBackDays: '30' }, '1 combinations: give between 2 and 64.'],
    [{ folds: '13' }, 'Folds takes a whole number from 2 to 12.'],
  ])('%j is no request', (changes, error) => {
    expect(of(changes)).toEqual({ ok: false, error });
  });
});

describe('kinds of run', () => {
  afterEach(() => useBacktest.setState({ kind: 'policies', selected: null, against: null }));

  it('turn one after the other, and let go of what was open', () => {
    useBacktest.setState({ selected: 'A', against: 'B' });
    nextKind();
    expect(useBacktest.getState()).toMatchObject({ kind: 'monte-carlo', selected: null, against: null });
    nextKind();
    nextKind();
    expect(useBacktest.getState().kind).toBe(KINDS[0]);
    useBacktest.setState({ selected: 'A' });
    showKind('policies');
    expect(useBacktest.getState().selected).toBe('A');
  });

  it('have a list each', () => {
    const heads = [{ kind: 'policies' }, { kind: 'monte-carlo' }] as RunHead[];
    expect(runsOfKind(heads, 'monte-carlo')).toEqual([heads[1]]);
  });
});

describe('the charts of a simulation', () => {
  const band = [1, 0.8, 0.4];
  const run = {
    fan: {
      trade: [0, 50, 100],
      p05: band,
      p25: [1, 0.9, 0.8],
      p50: [1, 1.1, 1.2],
      p75: [1, 1.3, 1.5],
      p95: [1, 1.5, 2],
    },
    setup: { trades: 100, ruinLevel: 0.5 },
    drawdowns: { depth: [0, 0.2, 0.4], above: [1, 0.5, 0] },
    maxDrawdown: { p05: 0.1, p25: 0.15, p50: 0.2, p75: 0.3, p95: 0.39 },
  } as unknown as MonteCarloRun;

  it('name the ends of the fan, and the ruin level where it lies among the paths', () => {
    const texts = textsOf(fanScene(run, SIZE));
    for (const text of ['2.00 ×', '1.20 ×', '0.40 ×', 'ruin at 0.50 ×']) expect(texts).toContain(text);
    const far = { ...run, setup: { ...run.setup, ruinLevel: 0.01 } };
    expect(textsOf(fanScene(far, SIZE)).some((text) => text.startsWith('ruin'))).toBe(false);
    expect(hasBadNumber(fanScene(run, SIZE))).toBe(false);
  });

  it('stand where nothing ever fell', () => {
    const flat = { ...run, drawdowns: { depth: [0, 0], above: [0, 0] }, maxDrawdown: { ...run.maxDrawdown, p50: 0 } };
    expect(hasBadNumber(drawdownsScene(flat, SIZE))).toBe(false);
  });
});

describe('the charts of a walk-forward', () => {
  const fold = (chosen: number, inSample: (number | null)[]): Fold => ({
    ...{ from: epochMs(0), split: epochMs(1), to: epochMs(2), inSampleDays: 20, outOfSampleDays: 5, chosen, inSample },
    ...{ outOfSample: inSample, score: 0.1, growth: 0.01, rank: 1 },
  });
  const run = {
    setup: { multipliers: [1, 0.25], evidenceTrades: [30], lookBackDays: [90, 30], score: 'growth' },
    combinations: [0.25, 1].flatMap((multiplier) =>
      [30, 90].map((lookBackDays) => ({ multiplier, evidenceTrades: 30, lookBackDays })),
    ),
    folds: [fold(1, [0.1, 0.3, null, 0.2]), fold(2, [null, null, null, null])],
  } as unknown as WalkForwardRun;

  it('step through what was chosen, one dot for each fold and parameter', () => {
    const scene = stabilityScene(run, SIZE);
    expect(scene.shapes.filter(({ kind }) => kind === 'dot')).toHaveLength(6);
    expect(textsOf(scene)).toEqual(expect.arrayContaining(['λ', 'n₀', 'look-back', '0.25', 'fold 2']));
    expect(hasBadNumber(scene)).toBe(false);
  });

  it('frame the chosen cell, and shade none where no score is defined', () => {
    const [first, second] = run.folds;
    if (first === undefined || second === undefined) throw new Error('no folds');
    const scene = surfaceScene(run, first, SIZE);
    expect(scene.shapes.filter(({ kind }) => kind === 'area')).toHaveLength(4);
    expect(scene.shapes.filter(({ key }) => key === 'chosen')).toHaveLength(1);
    expect(textsOf(scene)).toEqual(expect.arrayContaining([scoreText(0.3, 'growth'), '—', 'λ 0.25', '90 d']));
    const opacities = surfaceScene(run, second, SIZE).shapes.flatMap((s) => (s.kind === 'area' ? [s.opacity] : []));
    expect(new Set(opacities)).toEqual(new Set([0.08]));
  });
});
