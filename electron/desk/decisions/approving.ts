import type { Decision } from '#shared/domain/decision.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Actor, Recommendation, TraderReason } from '#shared/domain/recommendation.ts';
import type { RiskRuleResult, RiskStage } from '#shared/domain/risk.ts';
import type { SizingSnapshot, TradePlan } from '#shared/domain/sizing.ts';
import type { Ticks } from '#shared/units.ts';
import { ruleText } from '#shared/wording/index.ts';
import type { Book } from '#desk/account/book.ts';
import { decide } from '#desk/engine/decide.ts';
import { firstFailure } from '#desk/engine/risk-rules.ts';
import type { Execution } from '#desk/execution/execution.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import type { Recorder } from '#desk/records/recorder.ts';
import { checkApproval, refuse, repricedPlan, type ApprovalRequest, type Recheck } from './approvals.ts';
import type { Recommendations } from './recommendations.ts';
import { snapshotOf, type SnapshotSources } from './signals.ts';

export type Approved = { readonly recommendation: Recommendation; readonly clientOrderId: string | null };

/** From a proposal to an order: checked again at the click, checked again at sending. */
export interface Approving {
  approve(
    request: { readonly id: string; readonly contracts: number; readonly reason: TraderReason | null },
    actor: Actor,
  ): Promise<Approved>;
  reject(id: string, reason: TraderReason, actor: Actor): Recommendation;
  recheck: Recheck;
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

/** Returns the approvals of a desk. */
export function createApproving(parts: ApprovingParts): Approving {
  const { clock, book, recorder, recommendations, execution, instrumentOf } = parts;

  const sizedWith = (recommendation: Recommendation, plan: TradePlan, now: Partial<SnapshotSources>): Sized => {
    const { opinions } = recommendations.snapshotOf(recommendation.id);
    const { symbol } = recommendation;
    const signal = {
      instrument: instrumentOf(symbol),
      opinions: { lstm: opinions.lstm, ensemble: opinions.ensemble },
    };
    const at = { now: clock.now(), plan, rivals: [], quote: book.quote(symbol) };
    const snapshot = snapshotOf({ ...parts.sources, ...now }, signal, at);
    return { snapshot, decision: decide(snapshot) };
  };
  const recheck: Recheck = (recommendation, plan) => sizedWith(recommendation, plan, {});

  const standing = (id: string): Recommendation => {
    const recommendation = recommendations.get(id);
    if (recommendation.state === 'proposed' && clock.now() >= recommendation.expiresAt) recommendations.expire(id);
    return recommendations.get(id);
  };
  const planOf = (recommendation: Recommendation, isMarket: boolean): TradePlan => {
    const plan = isMarket
      ? recommendations.snapshotOf(recommendation.id).plan
      : repricedPlan(recommendation, book.quote(recommendation.symbol));
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
  const notOpen = ({ state, approvedContracts }: Recommendation): Error =>
    refuse(
      state === 'approved' || state === 'overridden'
        ? `this recommendation is ${state} with ${approvedContracts ?? 0} contracts already; nothing more was sent`
        : `this recommendation is ${state}; nothing was sent`,
      'wait for the next signal',
    );

  const approve: Approving['approve'] = async (input, actor) => {
    const request: ApprovalRequest = { ...input, actor };
    const { contracts } = request;
    const recommendation = standing(request.id);
    const isDone = recommendation.state === 'approved' || recommendation.state === 'overridden';
    // A double click: the first one has been sent, the second changes nothing.
    if (isDone && recommendation.approvedContracts === contracts) return { recommendation, clientOrderId: null };
    const block = parts.entryBlock();
    if (block !== null) throw refuse(block);
    if (recommendation.state !== 'proposed') throw notOpen(recommendation);
    const isMarket = parts.entries() === 'market';
    const plan = planOf(recommendation, isMarket);
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
        state: contracts === recommendation.decision.contracts ? 'approved' : 'overridden',
        actor,
        contracts,
        reason: request.reason,
        allowedContracts: fresh.contracts,
      },
      [checked, ...events],
    );
    await execution.send(group, (intentAgeMs) =>
      execution.gate.check({
        stage: 'send',
        // The price it goes out at is fixed; everything else is as of the moment it goes.
        ...sizedWith(recommendation, plan, {
          book: book.without(clientOrderId),
          guards: () => execution.gate.guards(clientOrderId),
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
  };
}
