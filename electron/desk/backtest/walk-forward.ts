import { meanOf } from '#desk/engine/numerics.ts';
import { money } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

/**
 * One historical chance to trade, with what became of one contract. Times are any one ordered unit.
 * A policy never sees `exit` or `netPerContract`: the walk turns them into a closed trade once their time has come.
 */
export type Opportunity = {
  readonly id: number | string;
  readonly symbol: string;
  readonly entry: number;
  readonly exit: number;
  /** Probability that the planned trade nets > 0, as recorded live. */
  readonly winProbability: number;
  /** Stop risk of one contract with slippage and fees, > 0. */
  readonly riskPerContract: Money;
  /** What one contract made, net. */
  readonly netPerContract: Money;
  /** Margin of one contract; without it buying power is not checked. */
  readonly marginPerContract?: Money;
};

/** A trade that closed before the decision, per contract. `R` is net over planned risk. */
export type ClosedTrade = {
  readonly id: number | string;
  readonly symbol: string;
  readonly closedAt: number;
  readonly netPerContract: Money;
  readonly R: number;
};

/** A position of this policy that is open at the decision. */
export type OpenPosition = {
  readonly id: number | string;
  readonly symbol: string;
  readonly contracts: number;
  readonly riskPerContract: Money;
};

/** A recorded mark of an open position, per contract. */
export type Mark = { readonly id: number | string; readonly at: number; readonly pnlPerContract: Money };

/** Everything a decision may use, and nothing dated at or after it. */
export type DecisionContext = {
  readonly id: number | string;
  readonly symbol: string;
  readonly at: number;
  readonly winProbability: number;
  readonly riskPerContract: Money;
  readonly marginPerContract: Money | null;
  /** Start plus this policy's own realised P&L before `at`, plus its open P&L when negative. */
  readonly equity: Money;
  /** Equity less the margin of what is open. */
  readonly freeMargin: Money;
  /** Oldest first by close. */
  readonly closed: readonly ClosedTrade[];
  readonly open: readonly OpenPosition[];
};

/** What a policy wants, before limits. */
export type SizedDecision = {
  readonly contracts: number;
  readonly status: string;
  /** Fraction of equity, for policies that have one. */
  readonly fraction: number | null;
};

/** A sizing rule. It must depend on its argument only. */
export type SizingPolicy = { readonly name: string; readonly size: (context: DecisionContext) => SizedDecision };

/** Decisions taken at one moment, together with what each policy wants. */
export type BatchRequest = { readonly context: DecisionContext; readonly contracts: number };

/**
 * Heat, cluster and other limits over one batch and the policy's own open book: returns contracts per request, in
 * order, none above what was asked. It must not depend on the order of the batch.
 */
export type PortfolioLimits = (batch: readonly BatchRequest[]) => readonly number[];

export type WalkForwardDecision = SizedDecision & {
  readonly id: number | string;
  readonly at: number;
  readonly equityAtDecision: Money;
  readonly closedTradesUsed: number;
  /** What the policy asked before limits. */
  readonly requested: number;
  /** Share of equity at risk with the contracts taken; 0 without equity. */
  readonly riskFraction: number;
};

export type WalkForward = {
  readonly policy: string;
  readonly decisions: readonly WalkForwardDecision[];
  readonly finalEquity: Money;
  /** Realised equity after each exit of this policy's own contracts, oldest first. */
  readonly equity: readonly { readonly at: number; readonly equity: Money }[];
  /** The decision at which equity was first at or below the ruin level; null when it never was. */
  readonly ruinedAt: number | null;
};

export type WalkForwardSettings = {
  readonly policy: SizingPolicy;
  readonly initialEquity: Money;
  readonly maxContracts: number;
  /** Equity at or below this ends the policy: 0, or the smallest margin of the instruments traded. */
  readonly ruinBelow?: Money;
  /** Absent: no portfolio limits. */
  readonly limits?: PortfolioLimits;
  readonly marks?: readonly Mark[];
};

type Holding = { readonly opportunity: Opportunity; readonly contracts: number };

type EquityPoint = { readonly at: number; readonly equity: Money };

/** One policy's walk so far. Written by the functions below only, one batch after the other. */
type Walk = {
  readonly settings: WalkForwardSettings;
  /** All trades by close; the first `known` of them had closed before the current batch. */
  readonly exits: readonly ClosedTrade[];
  readonly marks: ReadonlyMap<number | string, readonly Mark[]>;
  readonly curve: EquityPoint[];
  readonly decisions: WalkForwardDecision[];
  known: number;
  realised: Money;
  holdings: readonly Holding[];
  ruinedAt: number | null;
};

const times = (amount: Money, contracts: number): Money => money(amount * contracts);

const byEntry = (a: Opportunity, b: Opportunity): number => a.entry - b.entry;
const byExit = (a: Opportunity, b: Opportunity): number => a.exit - b.exit;

function groupBy<K, T>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

const closedTrade = (opportunity: Opportunity): ClosedTrade => ({
  id: opportunity.id,
  symbol: opportunity.symbol,
  closedAt: opportunity.exit,
  netPerContract: opportunity.netPerContract,
  R: opportunity.netPerContract / opportunity.riskPerContract,
});

/** Moves the walk's clock to `at`: all that exits strictly before it becomes known and is settled, in order. */
function advance(walk: Walk, at: number): void {
  while ((walk.exits[walk.known]?.closedAt ?? Infinity) < at) walk.known += 1;
  const exiting = walk.holdings.filter(({ opportunity }) => opportunity.exit < at);
  for (const { opportunity, contracts } of exiting.toSorted((a, b) => byExit(a.opportunity, b.opportunity))) {
    walk.realised = money(walk.realised + times(opportunity.netPerContract, contracts));
    walk.curve.push({ at: opportunity.exit, equity: walk.realised });
  }
  walk.holdings = walk.holdings.filter(({ opportunity }) => opportunity.exit >= at);
}

/** The open positions' P&L by the last marks before `at` when it is a loss, else 0: open profit is never bet. */
function openLoss({ holdings, marks }: Walk, at: number): number {
  const pnl = holdings.reduce((sum, { opportunity, contracts }) => {
    const last = marks.get(opportunity.id)?.findLast((mark) => mark.at < at);
    return last === undefined ? sum : sum + times(last.pnlPerContract, contracts);
  }, 0);
  return Math.min(0, pnl);
}

const marginOf = (holdings: readonly Holding[]): number =>
  holdings.reduce((sum, { opportunity, contracts }) => sum + (opportunity.marginPerContract ?? 0) * contracts, 0);

/** The open book and the equity at the walk's clock, as every decision of one moment sees them. */
function bookAt(walk: Walk, at: number): Pick<DecisionContext, 'equity' | 'freeMargin' | 'closed' | 'open'> {
  const equity = money(walk.realised + openLoss(walk, at));
  return {
    equity,
    freeMargin: money(equity - marginOf(walk.holdings)),
    closed: walk.exits.slice(0, walk.known),
    open: walk.holdings.map(({ opportunity: { id, symbol, riskPerContract }, contracts }) => ({
      id,
      symbol,
      contracts,
      riskPerContract,
    })),
  };
}

const NO_MORE: SizedDecision = { contracts: 0, status: 'RUINED', fraction: null };

/** What the policy wants, within the limits that hold for every policy: whole contracts, a maximum, free margin. */
function requestOf(context: DecisionContext, { ruinedAt, settings }: Walk): SizedDecision {
  if (ruinedAt !== null) return NO_MORE;
  const wanted = settings.policy.size(context);
  const { marginPerContract: margin, freeMargin } = context;
  const affordable = margin === null || margin <= 0 ? Infinity : Math.floor(freeMargin / margin);
  return {
    ...wanted,
    contracts: Math.max(0, Math.min(settings.maxContracts, affordable, Math.floor(wanted.contracts))),
  };
}

/** Contracts per request after the portfolio limits. A limit can only take away. */
function grantedOf(contexts: readonly DecisionContext[], requests: readonly SizedDecision[], walk: Walk): number[] {
  const { limits } = walk.settings;
  const asked = requests.map((request) => request.contracts);
  if (limits === undefined) return asked;
  const granted = limits(contexts.map((context, i) => ({ context, contracts: asked[i] ?? 0 })));
  return asked.map((contracts, i) => Math.max(0, Math.min(contracts, Math.floor(granted[i] ?? 0))));
}

const riskFractionOf = (contracts: number, opportunity: Opportunity | undefined, equity: Money): number =>
  equity > 0 && opportunity !== undefined ? (contracts * opportunity.riskPerContract) / equity : 0;

/** Decides all opportunities of one moment on the same book. */
function decideBatch(walk: Walk, batch: readonly Opportunity[], at: number): void {
  advance(walk, at);
  const book = bookAt(walk, at);
  if (walk.ruinedAt === null && book.equity <= (walk.settings.ruinBelow ?? 0)) walk.ruinedAt = at;
  const contexts = batch.map(({ id, symbol, winProbability, riskPerContract, marginPerContract = null }) => {
    return { id, symbol, at, winProbability, riskPerContract, marginPerContract, ...book };
  });
  const requests = contexts.map((context) => requestOf(context, walk));
  const granted = grantedOf(contexts, requests, walk);
  const taken = batch.map((opportunity, i) => ({ opportunity, contracts: granted[i] ?? 0 }));
  walk.holdings = [...walk.holdings, ...taken.filter(({ contracts }) => contracts > 0)];
  requests.forEach((request, i) => {
    walk.decisions.push({
      ...request,
      contracts: granted[i] ?? 0,
      requested: request.contracts,
      riskFraction: riskFractionOf(granted[i] ?? 0, batch[i], book.equity),
      id: contexts[i]?.id ?? '',
      at,
      equityAtDecision: book.equity,
      closedTradesUsed: book.closed.length,
    });
  });
}

function refuseBroken(opportunities: readonly Opportunity[]): void {
  for (const { id, entry, exit, riskPerContract } of opportunities) {
    if (!(exit >= entry)) throw new RangeError(`opportunity ${id} exits at ${exit}, before its entry at ${entry}`);
    if (!(riskPerContract > 0)) throw new RangeError(`opportunity ${id} risks ${riskPerContract} per contract`);
  }
}

/**
 * Walks a policy through recorded opportunities without look-ahead, on its own equity and its own open book.
 * A decision sees trades with exit strictly before its entry (an exit at the same moment is not visible), equity is
 * the start plus the policy's own realised P&L, and open losses count while open profits do not. Decisions come in
 * order of entry; those of one moment share one book and one equity. Once ruined, a policy takes nothing more.
 * Invariant: each opportunity exits after it enters and risks more than 0 per contract; a breach throws.
 */
export function walkForward(opportunities: readonly Opportunity[], settings: WalkForwardSettings): WalkForward {
  refuseBroken(opportunities);
  const walk: Walk = {
    settings,
    exits: opportunities.toSorted(byExit).map(closedTrade),
    marks: groupBy(settings.marks?.toSorted((a, b) => a.at - b.at) ?? [], (mark) => mark.id),
    curve: [],
    decisions: [],
    known: 0,
    realised: settings.initialEquity,
    holdings: [],
    ruinedAt: null,
  };
  for (const [at, batch] of groupBy(opportunities.toSorted(byEntry), (opportunity) => opportunity.entry)) {
    decideBatch(walk, batch, at);
  }
  advance(walk, Infinity);
  const { decisions, realised: finalEquity, curve: equity, ruinedAt } = walk;
  return { policy: settings.policy.name, decisions, finalEquity, equity, ruinedAt };
}

/**
 * Returns the mean share of equity a walk put at risk over its decisions: the fraction of the constant book that a
 * verdict compares it with. Null without decisions.
 */
export const averageRiskFraction = ({ decisions }: Pick<WalkForward, 'decisions'>): number | null =>
  meanOf(decisions.map((decision) => decision.riskFraction));
