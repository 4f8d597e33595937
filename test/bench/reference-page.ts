import type { PoliciesRun, PolicyResult, VerdictReading } from '#shared/domain/backtest.ts';
import { moneyText, numberText, percentText, signedMoneyText, signedPercentText } from '#shared/format/numbers.ts';
import { money } from '#shared/units.ts';
import { isUntrusted, UNTRUSTED, type ReplaySummary, type Trained } from '#desk/desk.ts';

export type ReferenceCard = Trained['card'];

export type Reference = {
  readonly card: ReferenceCard;
  readonly summary: ReplaySummary;
  readonly backtest: PoliciesRun;
};

const dayOf = (at: number | null): string => (at === null ? '–' : new Date(at).toISOString().slice(0, 10));
const share = (value: number): string => signedPercentText(value, 2);
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** A mean of daily log growth in parts of a million: what is small stays readable. */
const perMillion = (value: number | null): string =>
  value === null ? '–' : `${value < 0 ? '−' : '+'}${numberText(Math.abs(value) * 1e6, 1)}`;

const SAYS = {
  insufficient: 'is too little to say anything',
  'kelly-better': 'shows Kelly sizing ahead of fixed sizing',
  'fixed-better': 'shows fixed sizing ahead of Kelly sizing',
  inconclusive: 'cannot tell Kelly sizing from fixed sizing',
} as const satisfies Record<VerdictReading['code'], string>;

/** How many of the sizes were Kelly's at all: a comparison of few of them says little of it. */
function sizesText({ sized, evaluated }: ReplaySummary): readonly string[] {
  const share = evaluated / Math.max(1, sized + evaluated);
  if (share < 0.5) return [];
  const kelly = sized === 0 ? 'none was' : `only ${sized} were`;
  return [
    `Of ${sized + evaluated} positions ${evaluated} were of evaluation size (one contract, at most 1 % at risk) and ${kelly} ` +
      'sized by Kelly: where nothing is known, the rule mostly kept out, and this compares little more than that.',
  ];
}

/** What the rule of the verdict says of the sizing that was live, in plain sentences. */
function verdictText(live: PolicyResult): readonly string[] {
  const { running, fixedFraction } = live.verdict;
  const { value: mean, lower, upper } = running.growth;
  const parts = `${perMillion(mean)} millionths a day, 90 % interval ${perMillion(lower)} to ${perMillion(upper)}`;
  const isOpen = running.code === 'inconclusive' && running.daysStillNeeded !== null;
  return [
    `Over ${running.days} days and ${running.decisions} decisions this replay ${SAYS[running.code]}. The growth under ` +
      `the recommended sizes less that under a constant ${percentText(fixedFraction, 2)} at risk is ${parts} (log growth).`,
    ...(isOpen
      ? [
          `At this mean and spread about ${(running.daysStillNeeded ?? 0).toLocaleString('en-US')} more days would be needed ` +
            'to show a difference.',
        ]
      : []),
  ];
}

const modelText = ({ sentence, report }: ReferenceCard['models']['lstm']): string =>
  isUntrusted(report) ? `${sentence} ${UNTRUSTED}` : sentence;

function modelRow(name: string, { report }: ReferenceCard['models']['lstm']): readonly string[] {
  const { logLoss, brier, gate, cases } = report;
  const hits = gate.count === 0 ? '–' : `${gate.hits} of ${gate.count}`;
  return [
    ...[name, String(cases), `${numberText(logLoss.model, 4)} (${numberText(logLoss.climatology, 4)})`],
    `${share(logLoss.skill)} (${share(logLoss.interval.lower)} to ${share(logLoss.interval.upper)})`,
    `${share(brier.skill)} (${share(brier.interval.lower)} to ${share(brier.interval.upper)})`,
    hits,
  ];
}

const policyRow = (policy: PolicyResult, run: PoliciesRun): readonly string[] => [
  policy.label,
  signedMoneyText(money(policy.finalEquity - run.initialEquity)),
  percentText(policy.statistics.maxDrawdown, 1),
  policy.statistics.sharpe.value === null ? '–' : numberText(policy.statistics.sharpe.value, 2),
  String(policy.taken),
  policy.verdict.running.growth.value === null
    ? '–'
    : `${perMillion(policy.verdict.running.growth.value)} (${perMillion(policy.verdict.running.growth.lower)} to ` +
      `${perMillion(policy.verdict.running.growth.upper)})`,
];

/** What the reference models did on real prices, as a page. */
export function referencePage({ card, summary, backtest }: Reference): string {
  const [bars] = card.data;
  const live = backtest.policies.find(({ spec }) => spec.kind === 'recommended') ?? backtest.policies[0];
  if (bars === undefined || live === undefined) throw new Error('a card has bars and a run has policies');
  const { byStatus, trades, evaluated, sized } = summary;
  return [
    '# The reference models on the S&P 500',
    '',
    'Written by `npm run reference`, which runs what the README shows: train to the end of 2010, walk forward to 2020, replay',
    'through the whole desk, backtest the journal. Run it again and it writes the same figures.',
    '',
    '## Do the models have skill?',
    '',
    `${bars.bars} daily bars of ${bars.file}, ${dayOf(bars.from)} to ${dayOf(bars.to)}, traded as ${bars.symbol}; seed ${card.seed}.`,
    card.label,
    '',
    `- LSTM. ${modelText(card.models.lstm)}`,
    `- Ensemble. ${modelText(card.models.ensemble)}`,
    '',
    table(
      [
        'Model',
        'Cases',
        'Log loss (frequencies)',
        'Skill, log loss (90 %)',
        'Skill, Brier (90 %)',
        'Right at the gate of 0.6',
      ],
      [modelRow('LSTM', card.models.lstm), modelRow('Ensemble', card.models.ensemble)],
    ),
    '',
    '## What did the desk do with them?',
    '',
    `${summary.bars} bars, ${summary.firstDay} to ${summary.lastDay}: ${summary.signals} signals, ${summary.vetoed} vetoed, ` +
      `${summary.sizedToZero} sized to zero, ${evaluated} of evaluation size, ${sized} sized by Kelly; ${trades} trades. ` +
      `100,000 USD became ${moneyText(summary.endEquity)}.`,
    '',
    `Signals by how they ended: ${Object.entries(byStatus)
      .sort(([, a], [, b]) => b - a)
      .map(([status, times]) => `${status} ${times}`)
      .join(', ')}.`,
    '',
    '## Did Kelly sizing beat fixed sizing?',
    '',
    ...verdictText(live),
    ...sizesText(summary),
    '',
    table(
      ['Policy', 'Net', 'Max drawdown', 'Sharpe', 'Taken', 'Growth against fixed, millionths a day (90 %)'],
      backtest.policies.map((policy) => policyRow(policy, backtest)),
    ),
    '',
    'The prices are those of an index, rounded to the ticks of the contract: no spread, no roll, no financing. One market, one',
    'period, one seed. Nothing here is evidence of an edge.',
    '',
    ...summary.assumptions.map((text) => `- ${text}`),
    '',
  ].join('\n');
}
