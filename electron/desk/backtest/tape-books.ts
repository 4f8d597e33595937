import type { OverrideReport, Reproduction } from '#shared/domain/backtest.ts';
import type { BookId, BookStatistics, Statistic } from '#shared/domain/performance.ts';
import { epochMs, money } from '#shared/units.ts';
import { dailyReturns, takenByModel, threeBooks, type Books, type Opportunity } from './books.ts';
import { equityStatistics, trialsOf, sharpeOf } from './equity-statistics.ts';
import { overrideReport, type TakenTrade } from './overrides.ts';
import type { Walk } from './walk.ts';
import type { Case, Tape } from './tape.ts';

type TapeOpportunity = Opportunity & { readonly item: Case };

/** The recommendations of a tape that had a size and have resolved, as the three books see them. */
function opportunitiesOf({ cases, endAt }: Tape): readonly TapeOpportunity[] {
  return cases.flatMap((item) => {
    const { plan, suggested, snapshot, at, riskPerContract } = item;
    if (plan === null || suggested === 0 || plan.exitAt >= endAt) return [];
    return [
      {
        ...{ item, suggested, riskPerContract },
        symbol: snapshot.instrument.symbol,
        decidedAt: at,
        exitAt: epochMs(plan.exitAt),
        netPerContract: plan.net,
      },
    ];
  });
}

/** Those a book that follows every recommendation would have taken: a signal repeated every minute is one. */
const modelOpportunities = (tape: Tape): readonly TapeOpportunity[] =>
  takenByModel(opportunitiesOf(tape), {
    initialEquity: tape.initialEquity,
    maxHeat: tape.cases.at(-1)?.snapshot.config.maxHeat ?? 1,
  });

/** The three books over a tape, by the code of the performance page. */
export function booksOfTape(tape: Tape): Books {
  const executed = tape.cases.flatMap(({ outcome }) =>
    outcome.source === 'executed' ? outcome.legs.filter(({ exitAt }) => exitAt < tape.endAt) : [],
  );
  return threeBooks({
    initialEquity: tape.initialEquity,
    opportunities: modelOpportunities(tape),
    executed: executed.map(({ exitAt, net }) => ({ exitAt: epochMs(exitAt), net })),
    maxContracts: tape.cases.at(-1)?.snapshot.config.maxContracts ?? 1,
  });
}

/** Statistics of the three books by session day. */
export function bookStatisticsOf(tape: Tape, books: Books): readonly BookStatistics[] {
  const ends = tape.days.names.map((_, day) => epochMs((tape.days.opensAt[day + 1] ?? tape.endAt) - 1));
  const ids: readonly BookId[] = ['actual', 'model', 'fixed'];
  const returns = ids.map((book) => dailyReturns(books.points, book, ends));
  const trials = trialsOf(returns.map(sharpeOf));
  return ids.map((book, i) => {
    const { totalReturn, maxDrawdown, sharpe, sortino, calmar } = equityStatistics(returns[i] ?? [], trials);
    const figures: Record<'sharpe' | 'sortino' | 'calmar', Statistic> = { sharpe, sortino, calmar };
    return { book, endEquity: books.points.at(-1)?.[book] ?? tape.initialEquity, totalReturn, maxDrawdown, ...figures };
  });
}

/** What the trader changed, against the same planned outcome per contract. */
export function overridesOfTape(tape: Tape, seed: number): OverrideReport {
  const taken = modelOpportunities(tape).map(({ item }) => item);
  const executed = tape.cases.filter(({ executed: sent, plan }) => sent > 0 && plan !== null);
  const trades = [...new Set([...taken, ...executed])].flatMap((item): TakenTrade[] => {
    const { outcome, plan, suggested, executed: sent } = item;
    if (plan === null) return [];
    const isOpen = !Number.isFinite(outcome.endsAt) || outcome.endsAt >= tape.endAt;
    if (sent > 0 && isOpen) return [];
    const actual = outcome.source === 'executed' ? outcome.legs.reduce((sum, { net }) => sum + net, 0) : 0;
    return [
      {
        ...{ id: item.id, suggested, sent, planNet: plan.net },
        filled: sent > 0 ? outcome.filled : 0,
        actualNet: money(actual),
      },
    ];
  });
  return overrideReport(trades, seed);
}

/** Holds the walk of the live policy against the journal's own account. */
export function reproductionOf(tape: Tape, live: Pick<Walk, 'finalEquity' | 'leftAt'> | null): Reproduction {
  return {
    journalEquity: tape.journalEquity,
    policyEquity: live === null ? null : money(live.finalEquity),
    overridden: tape.cases.filter(({ isProposal, suggested, executed }) => isProposal && suggested !== executed).length,
    leftAt: live === null || live.leftAt === null ? null : epochMs(Math.min(live.leftAt, tape.endAt)),
  };
}
