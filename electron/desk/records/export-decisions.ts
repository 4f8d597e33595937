import type { DecisionQuery, TradeQuery } from '#shared/contract/journal-views.ts';
import type { Annotation } from '#shared/domain/annotation.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { sessionDay } from '#shared/session-day.ts';
import { reasoning } from '#shared/wording/index.ts';
import { recommendationOf } from '#desk/decisions/recommendations.ts';
import { type Journal, IMPORTED } from '#desk/ports/journal.ts';
import { annotationCells, price, sideWord, time, usd } from './export-cells.ts';
import { float, json, list, type Row, text } from './table-text.ts';

/** Decisions taken from the journal at once. */
const PAGE = 500;

/** Columns of exported decisions; JSON has the whole `decision` besides. */
export const DECISION_COLUMNS = [
  'id',
  'at',
  'symbol',
  'root',
  'side',
  'status',
  'state',
  'contracts',
  'approvedContracts',
  'actor',
  'reasonCode',
  'reasonText',
  'closedAt',
  'lstmConfidence',
  'ensembleConfidence',
  'confidence',
  'winProbability',
  'winLossRatio',
  'fullKelly',
  'kellyFraction',
  'riskPerContractUsd',
  'riskUsd',
  'riskFraction',
  'entry',
  'stop',
  'target',
  'binds',
  'reasoning',
  'tags',
  'setup',
  'mistakes',
  'rating',
  'note',
] as const;

export type DecisionRow = {
  readonly recommendation: Recommendation;
  readonly instrument: Instrument;
  readonly annotation: Annotation | null;
};

/** Returns a decision as a row. */
export function decisionCells({ recommendation, instrument, annotation }: DecisionRow): Row {
  const { decision, opinions, reason } = recommendation;
  return {
    id: text(recommendation.id),
    at: time(recommendation.createdAt),
    symbol: text(recommendation.symbol),
    root: text(recommendation.root),
    side: text(sideWord(decision.direction)),
    status: text(decision.status),
    state: text(recommendation.state),
    contracts: float(decision.contracts),
    approvedContracts: float(recommendation.approvedContracts),
    actor: text(recommendation.actor),
    reasonCode: text(reason?.code ?? null),
    reasonText: text(reason?.text ?? null),
    closedAt: time(recommendation.closedAt),
    lstmConfidence: float(opinions.lstm?.confidence ?? null),
    ensembleConfidence: float(opinions.ensemble?.confidence ?? null),
    confidence: float(decision.confidence),
    winProbability: float(decision.winProbability),
    winLossRatio: float(decision.winLossRatio),
    fullKelly: float(decision.fullKelly),
    kellyFraction: float(decision.kellyFraction),
    riskPerContractUsd: usd(decision.riskPerContract),
    riskUsd: usd(decision.risk),
    riskFraction: float(decision.riskFraction),
    entry: price(instrument, recommendation.entry),
    stop: price(instrument, recommendation.stop),
    target: price(instrument, recommendation.target),
    binds: list(decision.walls.filter(({ binds }) => binds).map(({ code }) => code)),
    reasoning: text(reasoning(decision, instrument)),
    ...annotationCells(annotation),
    decision: json(decision),
  };
}

/** Which decisions a filter of trades means; what it says of the result of a trade no decision can meet. */
function isDecisionWanted(filter: TradeQuery): (row: DecisionRow) => boolean {
  const { root, direction, tag, setup, mistake, minRating, fromDay, toDay } = filter;
  return ({ recommendation, annotation }) => {
    const day = sessionDay(recommendation.createdAt);
    return (
      (root === undefined || recommendation.root === root) &&
      (direction === undefined || recommendation.decision.direction === direction) &&
      (fromDay === undefined || day >= fromDay) &&
      (toDay === undefined || day <= toDay) &&
      (tag === undefined || (annotation?.tags.includes(tag) ?? false)) &&
      (mistake === undefined || (annotation?.mistakes.includes(mistake) ?? false)) &&
      (setup === undefined || annotation?.setup === setup) &&
      (minRating === undefined || (annotation?.rating ?? 0) >= minRating)
    );
  };
}

/** Pages of decisions, newest first. What is decided meanwhile is left out, and shifts nothing twice into the file. */
export function* decisionRows(journal: Journal, filter: TradeQuery): Generator<readonly DecisionRow[]> {
  if (filter.origin === 'imported' || filter.account?.startsWith(IMPORTED) === true) return;
  const query: DecisionQuery = {
    ...(filter.symbol !== undefined && { symbol: filter.symbol }),
    ...(filter.text !== undefined && filter.text !== '' && { text: filter.text }),
  };
  const isWanted = isDecisionWanted(filter);
  let before = journal.lastSeq() + 1;
  for (let offset = 0; ; offset += PAGE) {
    const { rows } = journal.decisionPage({ filter: query, limit: PAGE, offset });
    const older = rows.filter(({ decision }) => decision.seq < before);
    before = older.at(-1)?.decision.seq ?? before;
    const wanted = older
      .map(({ decision, status }) => ({
        recommendation: recommendationOf(decision, status),
        instrument: decision.event.snapshot.instrument,
        annotation: journal.annotation({ kind: 'recommendation', id: decision.event.recommendationId }),
      }))
      .filter(isWanted);
    if (wanted.length > 0) yield wanted;
    if (rows.length < PAGE) return;
  }
}
