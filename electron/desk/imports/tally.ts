import type { ImportAssumption, ImportOptions, ImportQuestion } from '#shared/domain/import.ts';
import type { EpochMs } from '#shared/units.ts';

import { assumption } from './notes.ts';
import { HUNDREDFOLD, LARGEST_NOTIONAL_USD } from './prices.ts';
import { contractChoices } from './symbols.ts';

/** What the whole file adds up to while its rows are resolved. Private to one call. */
export type Tally = {
  readonly questions: Map<string, ImportQuestion>;
  /** Symbols asked about by contract, with the root and the span of their executions. */
  readonly hidden: Map<string, { readonly root: string; from: number; to: number }>;
  readonly contracts: Map<string, string>;
  withoutAccount: number;
  withoutFee: number;
  averages: number;
  readonly scaled: Set<string>;
};

/** Starts a count. */
export const emptyTally = (): Tally => ({
  questions: new Map(),
  hidden: new Map(),
  contracts: new Map(),
  withoutAccount: 0,
  withoutFee: 0,
  averages: 0,
  scaled: new Set(),
});

/** Remembers a symbol that hides its contract, and when it was traded. */
export function noteHidden(tally: Tally, symbol: string, { root, at }: { root: string; at: EpochMs }): void {
  const seen = tally.hidden.get(symbol);
  if (seen === undefined) {
    tally.hidden.set(symbol, { root, from: at, to: at });
    return;
  }
  seen.from = Math.min(seen.from, at);
  seen.to = Math.max(seen.to, at);
}

function feeAssumption(tally: Tally, count: number, options: ImportOptions): readonly ImportAssumption[] {
  if (tally.withoutFee === 0) return [];
  const some = tally.withoutFee === count ? 'The file carries no fees' : `${tally.withoutFee} executions carry no fee`;
  const usd = options.feePerContractUsd;
  return [
    assumption(
      'fees',
      usd === undefined
        ? `${some}: recorded with a fee of 0, so their results are gross.`
        : `${some}: ${usd} USD per contract and side is taken.`,
    ),
  ];
}

/** What was taken for granted, for the trader to see before anything is written. */
export function assumptionsOf(tally: Tally, count: number, options: ImportOptions): readonly ImportAssumption[] {
  const contracts = [...tally.contracts].map(([key, symbol]) =>
    assumption('contract', `${symbol} is taken as ${key.slice(symbol.length + 1)}.`),
  );
  const scaled = [...tally.scaled].map((symbol) =>
    assumption(
      'scale',
      `Prices of ${symbol} are divided by ${HUNDREDFOLD}: as written, one full-size contract would be worth over ` +
        `${LARGEST_NOTIONAL_USD.toLocaleString('en-US')} USD.`,
    ),
  );
  const account =
    tally.withoutAccount === 0 || options.account === undefined
      ? []
      : [assumption('account', `Rows that name no account are taken as of ${options.account}.`)];
  const averages =
    tally.averages === 0
      ? []
      : [
          assumption(
            'split-average',
            `${tally.averages} average prices are split into fills at the two ticks around them; the total is the same.`,
          ),
        ];
  return [...account, ...contracts, ...scaled, ...averages, ...feeAssumption(tally, count, options)];
}

/** What is taken for granted about rows of one second that have no id. */
export const orderAssumption = (placed: number): readonly ImportAssumption[] =>
  placed === 0
    ? []
    : [
        assumption(
          'order',
          `${placed} rows share a second with the row before and have no id: they happened in the order of the file.`,
        ),
      ];

/** What the trader must answer; a hidden contract comes with the contracts that were in front at the time. */
export function questionsOf(tally: Tally): readonly ImportQuestion[] {
  return [...tally.questions.values()].map((question) => {
    const hidden = question.key === null ? undefined : tally.hidden.get(question.key);
    if (hidden === undefined || question.field !== 'contracts') return question;
    return { ...question, choices: [...contractChoices(hidden.root, hidden.from, hidden.to)] };
  });
}
