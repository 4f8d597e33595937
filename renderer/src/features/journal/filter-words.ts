import type { TradeQuery } from '#shared/contract/journal-views.ts';
import type { DecisionStatus } from '#shared/domain/decision.ts';
import { decisionStatusSchema } from '#shared/domain/decision.ts';
import { recommendationStateSchema } from '#shared/domain/recommendation.ts';
import type { RecommendationState } from '#shared/domain/recommendation.ts';
import type { Change, DecisionFilter } from '#renderer/src/store/journal.ts';
import { isoDayText } from '#renderer/src/ui/times.ts';
import { contractName, sentence } from '#renderer/src/ui/words.ts';
import { accountName } from './trade-words.ts';

/** A condition in force, and the change that takes it away. */
export type Chip<T> = { readonly key: string; readonly label: string; readonly without: Change<T> };

/** "27 Aug 2025", "from 1 Aug 2025", "1 to 27 Aug 2025". */
export function daysText(fromDay: string | undefined, toDay: string | undefined): string | null {
  if (fromDay === undefined && toDay === undefined) return null;
  if (fromDay === toDay) return `on ${isoDayText(fromDay ?? '')}`;
  if (toDay === undefined) return `from ${isoDayText(fromDay ?? '')}`;
  if (fromDay === undefined) return `until ${isoDayText(toDay)}`;
  return `${isoDayText(fromDay)} to ${isoDayText(toDay)}`;
}

export const ORIGINS = { all: 'All', own: 'Own', imported: 'Imported' } as const;
export const OUTCOMES = { win: 'won', loss: 'lost', flat: 'flat' } as const;

type Part = readonly [key: string, label: string | null, fields: readonly (keyof TradeQuery)[]];

const tradeParts = (filter: TradeQuery): readonly Part[] => {
  const { origin, account, symbol, root, direction, outcome, fromDay, toDay } = filter;
  const { tag, setup, mistake, minRating, text } = filter;
  const named = (name: string, value: string | undefined) => (value === undefined ? null : `${name} ${value}`);
  return [
    ['text', text === undefined ? null : `words “${text}”`, ['text']],
    ['origin', origin === undefined || origin === 'all' ? null : `${origin} trades`, ['origin']],
    ['account', account === undefined ? null : `account ${accountName(account)}`, ['account']],
    ['root', named('market', root), ['root']],
    ['symbol', symbol === undefined ? null : `contract ${contractName(symbol)}`, ['symbol']],
    ['direction', direction === undefined ? null : direction > 0 ? '▲ long' : '▼ short', ['direction']],
    ['outcome', outcome === undefined ? null : OUTCOMES[outcome], ['outcome']],
    ['days', daysText(fromDay, toDay), ['fromDay', 'toDay']],
    ['tag', named('tag', tag), ['tag']],
    ['setup', named('setup', setup), ['setup']],
    ['mistake', named('mistake', mistake), ['mistake']],
    ['minRating', minRating === undefined ? null : ratingText(minRating), ['minRating']],
  ];
};

const ratingText = (least: number): string => (least === 5 ? 'rated 5' : `rated ${least} or more`);

/** The conditions on the trades as chips, in the order of the form. */
export const tradeChips = (filter: TradeQuery): readonly Chip<TradeQuery>[] =>
  tradeParts(filter).flatMap(([key, label, fields]) =>
    label === null ? [] : [{ key, label, without: Object.fromEntries(fields.map((field) => [field, undefined])) }],
  );

/** The filter in words, for exports: "lost, tag news"; "all trades" without conditions. */
export const filterText = (filter: TradeQuery): string =>
  tradeChips(filter)
    .map(({ label }) => label)
    .join(', ') || 'all trades';

const STATES: Readonly<Record<RecommendationState, string>> = {
  proposed: 'proposed',
  approved: 'approved as sized',
  overridden: 'approved with another size',
  rejected: 'rejected by you',
  expired: 'expired',
  superseded: 'replaced by a newer one',
  blocked: 'no trade',
};

const STATUSES: Readonly<Record<DecisionStatus, string>> = {
  sized: 'sized',
  evaluation: 'evaluation size',
  'model-missing': 'a model gave nothing',
  'prediction-invalid': 'invalid prediction',
  'prediction-stale': 'stale prediction',
  flat: 'a model says flat',
  disagree: 'models disagree',
  'low-confidence': 'confidence too low',
  halted: 'trading halted',
  reducing: 'only reducing',
  locked: 'instrument locked',
  'session-closed': 'market closed',
  'roll-guard': 'too near expiry',
  'quote-stale': 'stale quote',
  'no-plan': 'no stop could be planned',
  breaker: 'breaker tripped',
  'position-open': 'position open already',
  'order-working': 'an order is working already',
  'exit-first': 'what is held must be closed first',
  'order-rate': 'too many orders in a minute',
  'no-equity': 'no equity',
  'at-target': 'held already',
  'no-edge': 'no edge',
  'below-minimum': 'below the minimum',
  'too-small': 'account too small for one',
  'risk-ceiling': 'risk ceiling',
  'buying-power': 'buying power',
  heat: 'heat',
  cluster: 'correlated exposure',
};

export const stateText = (state: RecommendationState): string => STATES[state];
export const statusWord = (status: DecisionStatus): string => STATUSES[status];

export const STATE_CHOICES = recommendationStateSchema.options.map((value) => ({
  value,
  label: sentence(STATES[value]),
}));
export const STATUS_CHOICES = decisionStatusSchema.options.map((value) => ({
  value,
  label: sentence(STATUSES[value]),
}));

/** The conditions on the decisions as chips. */
export function decisionChips(filter: DecisionFilter): readonly Chip<DecisionFilter>[] {
  const { symbol, state, status, fromDay, toDay, text } = filter;
  const days = daysText(fromDay, toDay);
  const chips: readonly (Chip<DecisionFilter> | null)[] = [
    text === undefined ? null : { key: 'text', label: `words “${text}”`, without: { text: undefined } },
    symbol === undefined
      ? null
      : { key: 'symbol', label: `contract ${contractName(symbol)}`, without: { symbol: undefined } },
    state === undefined ? null : { key: 'state', label: STATES[state], without: { state: undefined } },
    status === undefined ? null : { key: 'status', label: `why: ${STATUSES[status]}`, without: { status: undefined } },
    days === null ? null : { key: 'days', label: days, without: { fromDay: undefined, toDay: undefined } },
  ];
  return chips.flatMap((chip) => (chip === null ? [] : [chip]));
}
