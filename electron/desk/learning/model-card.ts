import { numberText, percentText, signedPercentText } from '#shared/format/numbers.ts';
import { climatologyOf, judgeSkill, type Judged, type Score, type SkillReport } from '#desk/engine/learning/skill.ts';
import { COMPARISON_TOLERANCE } from '#desk/engine/numerics.ts';
import type { Case } from '#desk/engine/learning/cases.ts';
import type { Fold } from '#desk/engine/learning/splits.ts';
import type { ModelKind } from '#desk/engine/learning/trained-model.ts';
import type { LearntFold } from './learn-fold.ts';
import type { PreparedTraining } from './training-plan.ts';

/** What a step of the walk forward learned from and was judged on. */
type StepCard = {
  readonly learned: number;
  readonly heldBack: number;
  readonly judged: number;
  readonly from: string;
  readonly logLossSkill: number;
};

export type ModelCard = {
  readonly kind: ModelKind;
  readonly sentence: string;
  readonly judgedFrom: string;
  readonly judgedTo: string;
  readonly report: SkillReport;
  readonly steps: readonly StepCard[];
};

export type TrainingCard = {
  readonly data: PreparedTraining['data'];
  readonly cases: number;
  readonly outcomes: { readonly long: number; readonly short: number; readonly neither: number };
  readonly features: { readonly schema: string; readonly names: readonly string[]; readonly rows: number };
  readonly label: string;
  readonly embargoBars: number;
  readonly seed: number;
  readonly models: { readonly lstm: ModelCard; readonly ensemble: ModelCard };
};

const dayOf = (at: number | undefined): string => (at === undefined ? '—' : new Date(at).toISOString().slice(0, 10));

const changeText = (share: number): string => signedPercentText(share, 2);

const scoreText = ({ model, climatology, skill, interval }: Score): string =>
  `${numberText(model, 4)} | ${numberText(climatology, 4)} | ${changeText(skill)} | ` +
  `${changeText(interval.lower)} to ${changeText(interval.upper)}`;

const VERDICTS = {
  skill: 'It has skill',
  'no-skill': 'It has no skill that can be shown',
  worse: 'It has no skill: it is worse than no model',
} as const;

/** The plain sentence of the card. */
function sentenceOf({ cases, logLoss, verdict }: SkillReport, [from, to]: readonly [string, string]): string {
  const { skill, interval } = logLoss;
  return (
    `${VERDICTS[verdict]}: over ${cases} cases it had not seen (${from} to ${to}) its log loss differs by ` +
    `${changeText(skill)} from what the frequencies known at the time score ` +
    `(90 % interval ${changeText(interval.lower)} to ${changeText(interval.upper)}; above 0 is better).`
  );
}

/** Forecasts of a fold beside the frequencies that were known when it answered. */
function judgedOf(cases: readonly Case[], fold: Fold, { forecasts }: LearntFold): readonly Judged[] {
  const known = [...fold.train, ...fold.stop, ...fold.calibrate].flatMap((i) => cases[i]?.outcome ?? []);
  const climatology = climatologyOf(known);
  return forecasts.flatMap(({ index, chances }) => {
    const outcome = cases[index]?.outcome;
    return outcome === undefined ? [] : [{ forecast: chances, climatology, outcome }];
  });
}

function cardOf(kind: ModelKind, learnt: readonly LearntFold[], { plan, cases }: PreparedTraining): ModelCard {
  const parts = learnt.map((one, i) => {
    const fold = plan.folds[i];
    return fold === undefined || fold.test.length === 0 ? null : { fold, judged: judgedOf(cases, fold, one) };
  });
  const steps = parts.filter((part) => part !== null);
  const report = judgeSkill(
    steps.flatMap(({ judged }) => judged),
    plan.learn.seed,
  );
  const tested = steps.flatMap(({ fold }) => fold.test);
  const span = [dayOf(cases[tested[0] ?? -1]?.asOf), dayOf(cases[tested.at(-1) ?? -1]?.asOf)] as const;
  return {
    kind,
    sentence: sentenceOf(report, span),
    judgedFrom: span[0],
    judgedTo: span[1],
    report,
    steps: steps.map(({ fold, judged }) => ({
      learned: fold.train.length,
      heldBack: fold.stop.length + fold.calibrate.length,
      judged: judged.length,
      from: dayOf(fold.from),
      logLossSkill: judgeSkill(judged, plan.learn.seed).logLoss.skill,
    })),
  };
}

/** Describes both models by their forecasts of what they had not seen. */
export function trainingCard(
  prepared: PreparedTraining,
  learnt: Readonly<Record<ModelKind, readonly LearntFold[]>>,
): TrainingCard {
  const { plan, cases, planning, horizonBars, data } = prepared;
  const count = (outcome: Case['outcome']): number => cases.filter((one) => one.outcome === outcome).length;
  return {
    data,
    cases: cases.length,
    outcomes: { long: count('long'), short: count('short'), neither: count('neither') },
    features: { ...plan.learn.features, rows: plan.learn.rows },
    label:
      `The trade planned at the close, stop ${planning.stopAtr} and target ${planning.targetAtr} average true ranges ` +
      `away, nets above zero within ${horizonBars} bars, fees and stop slippage taken off; the stop is assumed first ` +
      'where one bar holds both. Long wins, short wins, or neither: three classes, of which exactly one happens.',
    embargoBars: plan.caseSpec.embargoBars,
    seed: plan.learn.seed,
    models: { lstm: cardOf('lstm', learnt.lstm, prepared), ensemble: cardOf('ensemble', learnt.ensemble, prepared) },
  };
}

const NAMES = { lstm: 'LSTM', ensemble: 'Ensemble' } as const;

/** What a card says of a model that added nothing in any step. */
export const UNTRUSTED =
  'On the time held back nothing was gained by trusting it, in any step: it answers with the frequencies themselves.';

/** Whether a model says the frequencies, and nothing of its own. */
export const isUntrusted = ({ logLoss }: SkillReport): boolean =>
  Math.max(Math.abs(logLoss.interval.lower), Math.abs(logLoss.interval.upper)) <= COMPARISON_TOLERANCE;

function modelText(card: ModelCard): readonly string[] {
  const { report } = card;
  const { gate } = report;
  const share = gate.count === 0 ? null : gate.hits / gate.count;
  const passed =
    share === null || gate.interval === null || gate.meanConfidence === null
      ? `No forecast reached the gate of ${gate.threshold}.`
      : `${gate.count} forecasts reached the gate of ${gate.threshold}, sure by ${percentText(gate.meanConfidence, 1)} ` +
        `on average; ${percentText(share, 1)} of them were right (90 % interval ` +
        `${percentText(gate.interval.lower, 1)} to ${percentText(gate.interval.upper, 1)}).`;
  return [
    `## ${NAMES[card.kind]}`,
    '',
    card.sentence,
    ...(isUntrusted(report) ? ['', UNTRUSTED] : []),
    '',
    '| Score | Model | Frequencies | Skill | 90 % interval |',
    '| --- | --- | --- | --- | --- |',
    `| Log loss | ${scoreText(report.logLoss)} |`,
    `| Brier | ${scoreText(report.brier)} |`,
    '',
    `${passed} Calibration error of the chosen direction: ${numberText(report.calibrationError, 3)}.`,
    '',
    '| Answers from | Learned from | Held back | Judged on | Skill (log loss) |',
    '| --- | --- | --- | --- | --- |',
    ...card.steps.map(
      (s) => `| ${s.from} | ${s.learned} | ${s.heldBack} | ${s.judged} | ${changeText(s.logLossSkill)} |`,
    ),
    '',
  ];
}

/** The card as a page to read. */
export function cardText({ data, cases, outcomes, features, ...card }: TrainingCard): string {
  return [
    '# Model card',
    '',
    ...data.map(
      ({ file, symbol, bars, from, to, rejectedRows }) =>
        `- ${symbol}: ${bars} bars of ${file}, ${dayOf(from)} to ${dayOf(to)}, ${rejectedRows} rows left out`,
    ),
    ...[...new Set(data.flatMap(({ assumptions }) => assumptions))].map((text) => `- ${text}`),
    `- Cases: ${cases} (long ${outcomes.long}, short ${outcomes.short}, neither ${outcomes.neither})`,
    `- Features: ${features.schema}, ${features.rows} rows of ${features.names.join(', ')}`,
    `- Label: ${card.label}`,
    `- Splits: walk forward; a label’s life and ${card.embargoBars} bars after it lie outside all that is judged later`,
    '- Calibration: on time held back from learning, one share of trust between the model’s word and the frequencies',
    `- Seed: ${card.seed}`,
    '',
    ...modelText(card.models.lstm),
    ...modelText(card.models.ensemble),
  ].join('\n');
}
