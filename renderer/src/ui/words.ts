import { contractCeiling } from '#shared/domain/ceiling.ts';
import { isBlocked, isVeto } from '#shared/domain/decision.ts';
import type { Decision } from '#shared/domain/decision.ts';
import type { Order } from '#shared/domain/order.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import type { Activity, Breaker } from '#shared/domain/status.ts';
import { countText, limitText, MINUS, numberText, percentText } from '#shared/format/numbers.ts';
import {
  actionText,
  basisName,
  bindingText,
  breakerName as sharedBreakerName,
  listText,
  nextWallsText,
  oneMoreText,
  statusText,
  wallName,
  zeroText,
} from '#shared/wording/index.ts';

/** Capital first letter: sentences of the shared wording start small where they may stand inside another. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Leaves whole clauses out, from the end, until the text fits: words are shortened, never cut. */
export function shorten(text: string, most: number): string {
  let shown = text;
  while (shown.length > most) {
    const cut = Math.max(
      shown.lastIndexOf('; '),
      shown.lastIndexOf(', '),
      shown.lastIndexOf(': '),
      shown.lastIndexOf(' ('),
    );
    if (cut <= 0) return shown;
    shown = shown.slice(0, cut);
  }
  return shown;
}

/** The contract without its exchange: `NQZ26-CME` is shown as NQZ26. */
export const contractName = (symbol: string): string => symbol.split('-')[0] ?? symbol;

export const directionSign = (direction: number): string => (direction > 0 ? '▲' : direction < 0 ? '▼' : '—');
export const directionWord = (direction: number): string => (direction > 0 ? 'Long' : direction < 0 ? 'Short' : '');

/** The direction of a signal, also where it ended as a veto: what both models say, 0 where they differ. */
export function signalDirection({ decision, opinions }: Recommendation): number {
  if (decision.direction !== 0) return decision.direction;
  const { lstm, ensemble } = opinions;
  return lstm?.direction != null && lstm.direction === ensemble?.direction ? lstm.direction : 0;
}

export const verb = (decision: Decision): string =>
  decision.contracts > 0 ? actionText(decision) : decision.direction > 0 ? 'Buy' : 'Sell';

const STATES = {
  proposed: 'proposed',
  approved: 'approved',
  overridden: 'changed',
  rejected: 'rejected',
  expired: 'expired',
  superseded: 'replaced',
  blocked: 'no trade',
} as const satisfies Record<Recommendation['state'], string>;

/** One word at the end of a queue row that is not up for approval. */
export function queueTag({ state, decision }: Recommendation): string {
  if (state !== 'blocked' && decision.contracts > 0) return STATES[state];
  if (isVeto(decision.status)) return 'veto';
  return isBlocked(decision.status) ? 'blocked' : 'no size';
}

/** The line under a symbol in the queue: the binding limit, or why there is no trade. */
export function queueLine({ decision }: Recommendation, isCompact: boolean): string {
  const { zero } = decision;
  if (zero !== null) return isCompact ? shorten(zeroText(zero), 44) : shorten(statusText(decision), 84);
  const text = bindingText(decision);
  return isCompact ? text.replace(/^Bound by /, '') : text.replace(/^Bound/, 'bound');
}

export const boundText = (decision: Decision): string => bindingText(decision);

const kellyAllows = (decision: Decision): string => {
  const kelly = decision.walls.find((wall) => wall.code === 'kelly');
  return kelly === undefined || kelly.binds ? '' : ` Kelly allows ${countText(kelly.allowed)}.`;
};

/** What one contract more would break, and what Kelly alone would allow. */
export const oneMore = (decision: Decision, isCompact: boolean): string => {
  const text = oneMoreText(decision);
  const short = isCompact ? text.replace(/ would break .*$/, ' breaks it') : text;
  return text === '' ? '' : `${short}.${kellyAllows(decision)}`;
};

/** The same without figures, below the limits that have them. */
export const oneMoreShort = (decision: Decision): string =>
  oneMoreText(decision)
    .replace(' would break ', ' breaks ')
    .replaceAll(/ \([^()]*\)/g, '');

/** What stops the trader's own number: every limit but Kelly, which advises. */
export function ceilingText(decision: Decision): string {
  const { contracts, walls } = contractCeiling(decision);
  return `${contracts + 1} would break ${listText(walls.map((wall) => wallName(wall.code)))}`;
}

export const nextWalls = (decision: Decision, isCompact: boolean): string =>
  sentence(isCompact ? shorten(nextWallsText(decision), 30).replace(' breaks ', ': ') : nextWallsText(decision));

export const zeroTitle = ({ symbol }: Recommendation): string => `No trade in ${contractName(symbol)}`;

export const zeroDetail = ({ decision }: Recommendation): string =>
  decision.zero === null ? '' : `${sentence(zeroText(decision.zero))}.`;

/** How a recommendation ended, as a tag. */
export const stateTag = ({ state, approvedContracts }: Recommendation): string =>
  approvedContracts === null || approvedContracts === 0
    ? sentence(STATES[state])
    : `${sentence(STATES[state])}, ${approvedContracts} sent`;

/** How a recommendation ended, in a sentence. */
export function endText({ state, decision, approvedContracts, reason, actor }: Recommendation): string {
  const who = actor === 'trader' || actor === null ? 'You' : actor === 'auto' ? 'The automation' : 'The desk';
  const why = reason === null ? '' : ` Reason: ${reason.code}${reason.text === '' ? '' : `, “${reason.text}”`}.`;
  if (state === 'approved') return `${who} approved ${approvedContracts ?? decision.contracts}.`;
  if (state === 'overridden')
    return `${who} sent ${approvedContracts ?? 0} where ${decision.contracts} was recommended.${why}`;
  if (state === 'rejected') return `${who} rejected it; nothing was sent.${why}`;
  if (state === 'expired') return 'Nothing was sent. Its shadow outcome is followed to stop or target.';
  if (state === 'superseded') return 'A newer signal took its place; nothing was sent.';
  return 'Nothing was sent.';
}

/** What one contract stands for, for the ladder's header. */
export function basisText(decision: Decision): string {
  const step = decision.ladder.find((candidate) => candidate.code === 'capital');
  return step === undefined ? '' : `basis: ${basisName(step.basis).replace(/^the /, '')}`;
}

/** A breaker as a line on the screen: those that size is held against, and losses in a row, which the desk counts. */
export type BreakerLine = Pick<Breaker, 'value' | 'warn' | 'halt' | 'level'> & {
  readonly code: Breaker['code'] | 'consecutive-losses';
  readonly unit: Breaker['unit'] | 'count';
};

const BREAKER_LABELS: Readonly<Partial<Record<BreakerLine['code'], string>>> = { drift: 'Drift (CUSUM)' };

export const breakerName = ({ code }: Pick<BreakerLine, 'code'>): string =>
  BREAKER_LABELS[code] ?? sentence(sharedBreakerName(code));

const breakerFigure = ({ unit, code }: BreakerLine, value: number | null): string => {
  if (value === null) return '—';
  if (unit === 'count') return numberText(value, 0);
  return unit === 'fraction' ? percentText(value) : numberText(value, code === 'drift' ? 2 : 3);
};

export const breakerValue = (breaker: BreakerLine): string => breakerFigure(breaker, breaker.value);

export const breakerLimit = (breaker: BreakerLine): string => {
  const limit = breaker.halt ?? breaker.warn;
  if (limit === null) return '—';
  return breaker.unit === 'fraction' ? limitText(limit) : String(limit);
};

const ACTIVITIES = {
  recommended: 'Recommended',
  vetoed: 'Vetoed',
  approved: 'Approved',
  overridden: 'Changed',
  rejected: 'Rejected',
  expired: 'Expired',
  superseded: 'Replaced',
  sent: 'Sent',
  filled: 'Filled',
  canceled: 'Cancelled',
  denied: 'Denied',
  'order-rejected': 'Refused',
  'in-doubt': 'In doubt',
  closed: 'Closed',
  halted: 'Halted',
  reducing: 'Reducing',
  resumed: 'Resumed',
  started: 'Started',
  notice: 'Notice',
} as const satisfies Record<Activity['kind'], string>;

export const activityWord = (kind: Activity['kind']): string => ACTIVITIES[kind];

const ACTIVITY_CLAUSES = { compact: 22, regular: 40 } as const;

/** Directions as their signs where a word more would break the line. */
const signsFor = (text: string): string => text.replace(/^long\b/, '▲').replace(/^short\b/, '▼');

/**
 * The words of an activity line without the symbol they may begin with: it stands before them already. A reason of
 * several clauses keeps the first ones; the line's tooltip has them all.
 */
export function activityText({ symbol, text }: Pick<Activity, 'symbol' | 'text'>, isCompact = false): string {
  const most = isCompact ? ACTIVITY_CLAUSES.compact : ACTIVITY_CLAUSES.regular;
  const own = shorten(withoutSymbol(symbol, text), most);
  return isCompact ? signsFor(own) : own;
}

function withoutSymbol(symbol: string | null, text: string): string {
  if (symbol === null) return text;
  const name = contractName(symbol);
  const root = name.replace(/[FGHJKMNQUVXZ]\d{1,2}$/, '');
  const lead = [symbol, name, root].find((word) => text.startsWith(`${word} `) || text.startsWith(`${word}, `));
  return lead === undefined ? text : text.slice(lead.length).replace(/^[, ]+/, '');
}

const LIVES = {
  created: 'Created',
  denied: 'Denied by the desk',
  sent: 'Sent',
  acked: 'Accepted',
  working: 'Working',
  filled: 'Filled',
  canceled: 'Cancelled',
  expired: 'Expired',
  rejected: 'Refused by the broker',
} as const satisfies Record<Order['life'], string>;

export const orderLifeWord = (life: Order['life']): string => LIVES[life];

const ROLES = { entry: 'Entry', stop: 'Stop', target: 'Target', flatten: 'Flatten' } as const;
const TYPES = { market: 'market', limit: 'limit', stop: 'stop' } as const;

/** What an order is for, with its type where the purpose does not say it. */
export const orderRoleWord = ({ role, type }: Order): string =>
  role === 'entry' ? `${ROLES[role]} ${TYPES[type]}` : ROLES[role];

/** Signed quantity still open: +2 buys, −2 sells. */
export const orderQuantity = ({ direction, quantity, filled }: Order): string =>
  `${direction > 0 ? '+' : MINUS}${Math.max(0, quantity - filled)}`;
