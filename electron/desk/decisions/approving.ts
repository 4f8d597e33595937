import type { Decision } from '#shared/domain/decision.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Actor, PlanChange, Recommendation, TraderReason } from '#shared/domain/recommendation.ts';
import type { RiskRuleResult, RiskStage } from '#shared/domain/risk.ts';
import type { SizingSnapshot, TradePlan } from '#shared/domain/sizing.ts';
import type { Ticks } from '#shared/units.ts';
import { ruleText } from '#shared/wording/index.ts';
import type { Book } from '#desk/account/book.ts';
import { planPrices } from '#desk/engine/plan.ts';
import type { Assumptions } from '#shared/contract/views.ts';
import { decide } from '#desk/engine/decide.ts';
import { firstFailure } from '#desk/engine/risk-rules.ts';
import type { Execution } from '#desk/execution/execution.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import type { Recorder } from '#desk/records/recorder.ts';
import { checkApproval, refuse, repricedPlan, type ApprovalRequest, type Recheck } from './approvals.ts';
import type { Recommendations } from './recommendations.ts';
import { snapshotOf, type SnapshotSources } from './signals.ts';
import { assuming } from './what-if.ts';

export type Approved = { readonly recommendation: Recommendation; readonly clientOrderId: string | null };

/** From a proposal to an order: checked again at the click, checked again at sending. */
export interface Approving {
  approve(
    request: {
      readonly id: string;
      readonly contracts: number;
      readonly plan?: PlanChange | null;
      readonly reason: TraderReason | null;
    },
    actor: Actor,
  ): Promise<Approved>;
  reject(id: string, reason: TraderReason, actor: Actor): Recommendation;
  recheck: Recheck;
  /** What the size would be with the plan moved or the inputs assumed otherwise. Nothing is sent or journaled. */
  preview(
    id: string,
    change: { readonly plan?: PlanChange | undefined; readonly assume?: Assumptions | undefined },
  ): Preview;
}

export type ApprovingParts = {
  readonly clock: Clock;
  readonly book: Book;
  readonly recorder: Recorder;
  readonly recommendations: Recommendations;
  readonly execution: Execution;
  readonly sources: SnapshotSources;
  readonly instrumentOf: (symbol: string) => Instrument;
  /** Where entries fill: at a price now (limit at the quote), or at the next bar's open (market). */
  readonly entries: () => 'limit' | 'market';
  readonly entryBlock: () => string | null;
};

export type Preview = {
  readonly decision: Decision;
  readonly entry: Ticks | null;
  readonly stop: Ticks | null;
  readonly target: Ticks | null;
};

type Sized = { readonly snapshot: SizingSnapshot; readonly decision: Decision };

const checkEvent = (
  recommendation: Recommendation,
  stage: RiskStage,
  checked: { readonly contracts: number; readonly rules: readonly RiskRuleResult[] },
): JournalEvent => ({
  kind: 'risk-check',
  stage,
  recommendationId: recommendation.id,
  clientOrderId: null,
  symbol: recommendation.symbol,
  contracts: checked.contracts,
  rules: [...checked.rules],
});

/** The recommendation with the prices the trader moved. */
const moved = (recommendation: Recommendation, change: PlanChange | null): Recommendation =>
  change === null
    ? recommendation
    : {
        ...recommendation,
        stop: change.stop ?? recommendation.stop,
        target: change.target ?? recommendation.target,
      };

/** Returns the approvals of a desk. */
export function createApproving(parts: ApprovingParts): Approving {
  const { clock, book, recorder, recommendations, execution, instrumentOf } = parts;

  const sizedWith = (
    { symbol }: Recommendation,
    plan: TradePlan,
    { opinions, now }: { readonly opinions: SizingSnapshot['opinions']; readonly now: Partial<SnapshotSources> },
  ): Sized => {
    const signal = {
      instrument: instrumentOf(symbol),
      opinions: { lstm: opinions.lstm, ensemble: opinions.ensemble },
    };
    const at = { now: clock.now(), plan, rivals: [], quote: book.quote(symbol) };
    const snapshot = snapshotOf({ ...parts.sources, ...now }, signal, at);
    return { snapshot, decision: decide(snapshot) };
  };
  const recheck: Recheck = (recommendation, plan) => {
    const { opinions } = recommendations.snapshotOf(recommendation.id);
    return sizedWith(recommendation, plan, { opinions, now: {} });
  };

  const standing = (id: string): Recommendation => {
    const recommendation = recommendations.get(id);
    if (recommendation.state === 'proposed' && clock.now() >= recommendation.expiresAt) recommendations.expire(id);
    return recommendations.get(id);
  };
  const planOf = (recommendation: Recommendation, isMarket: boolean, change: PlanChange | null): TradePlan => {
    const plan = isMarket
      ? recommendations.snapshotOf(recommendation.id).plan
      : repricedPlan(recommendation, book.quote(recommendation.symbol), change?.entry);
    if (plan === null) throw refuse('this recommendation has no plan');
    return plan;
  };
  /** Every rule at the click. A failed one is journaled, and refuses. */
  const checkRulesAtClick = (
    recommendation: Recommendation,
    sized: Sized,
    asked: { readonly contracts: number; readonly limitPrice: Ticks | null },
  ): JournalEvent => {
    const { contracts } = asked;
    const rules = execution.gate.check({
      ...{ stage: 'approval', ...sized, ...asked, clientOrderId: null, intentAgeMs: null },
    });
    const event = checkEvent(recommendation, 'approval', { contracts, rules });
    const failed = firstFailure(rules);
    if (failed === null) return event;
    recorder.record([event]);
    throw refuse(ruleText(failed), 'nothing was sent');
  };
  const preview: Approving['preview'] = (id, { plan: change, assume }) => {
    const recommendation = moved(recommendations.get(id), change ?? null);
    const { plan } = recommendations.snapshotOf(id);
    if (plan === null) throw refuse('this recommendation has no plan');
    const direction = recommendation.decision.direction;
    const isMoved = change !== undefined && direction !== 0;
    const shown = isMoved ? planOf(recommendation, parts.entries() === 'market', change) : plan;
    const { snapshot } = recheck(recommendation, shown);
    const decision = decide(assume === undefined ? snapshot : assuming(snapshot, assume));
    const prices = decision.direction === 0 ? null : planPrices(shown, decision.direction);
    return { decision, entry: shown.entry, stop: prices?.stop ?? null, target: prices?.target ?? null };
  };
  const notOpen = ({ state, approvedContracts }: Recommendation): Error =>
    refuse(
      state === 'approved' || state === 'overridden'
        ? `this recommendation is ${state} with ${approvedContracts ?? 0} contracts already; nothing more was sent`
        : `this recommendation is ${state}; nothing was sent`,
      'wait for the next signal',
    );

  const approve: Approving['approve'] = async (input, actor) => {
    const request: ApprovalRequest = { ...input, plan: input.plan ?? null, actor };
    const { contracts } = request;
    const standingNow = standing(request.id);
    const isDone = standingNow.state === 'approved' || standingNow.state === 'overridden';
    // A double click: the first one has been sent, the second changes nothing.
    if (isDone && standingNow.approvedContracts === contracts)
      return { recommendation: standingNow, clientOrderId: null };
    const block = parts.entryBlock();
    if (block !== null) throw refuse(block);
    if (standingNow.state !== 'proposed') throw notOpen(standingNow);
    const isMarket = parts.entries() === 'market';
    if (isMarket && request.plan !== null) throw refuse('a market entry has no plan to move', 'approve it as shown');
    const recommendation = moved(standingNow, request.plan);
    const plan = planOf(recommendation, isMarket, request.plan);
    const sized = recheck(recommendation, plan);
    const { decision: fresh } = sized;
    checkApproval(recommendation, fresh, request);
    const { direction, riskPerContract } = fresh;
    const { stop, target } = recommendation;
    if (direction === 0 || riskPerContract === null || stop === null || target === null)
      throw refuse('this recommendation has no plan');
    const limit = isMarket ? null : plan.entry;
    const checked = checkRulesAtClick(recommendation, sized, { contracts, limitPrice: limit });
    const { group, events } = execution.prepare({
      ...{ recommendationId: recommendation.id, instrument: instrumentOf(recommendation.symbol) },
      ...{ direction, contracts, limit, stop, target, riskPerContract },
    });
    const { clientOrderId } = group.entry;
    // From the check to this line nothing waits, so no other approval can spend the same heat in between.
    const closed = recommendations.close(
      recommendation.id,
      {
        state: contracts === recommendation.decision.contracts && request.plan === null ? 'approved' : 'overridden',
        actor,
        contracts,
        reason: request.reason,
        allowedContracts: fresh.contracts,
        ...(request.plan === null ? {} : { plan: { entry: plan.entry, stop, target } }),
      },
      [checked, ...events],
    );
    await execution.send(group, (intentAgeMs) =>
      execution.gate.check({
        stage: 'send',
        // The price it goes out at is fixed; everything else is as of the moment it goes.
        ...sizedWith(recommendation, plan, {
          // What it was approved on: the recommendation is closed by then, and would be read from the journal.
          opinions: sized.snapshot.opinions,
          now: { book: book.without(clientOrderId), guards: () => execution.gate.guards(clientOrderId) },
        }),
        ...{ contracts, limitPrice: limit, clientOrderId, intentAgeMs },
      }),
    );
    return { recommendation: closed, clientOrderId };
  };

  return {
    approve,
    reject: (id, reason, actor) => {
      const recommendation = standing(id);
      if (recommendation.state !== 'proposed') throw refuse(`this recommendation is ${recommendation.state}`);
      return recommendations.close(id, { state: 'rejected', actor, contracts: null, reason, allowedContracts: null });
    },
    recheck,
    preview,
  };
}
