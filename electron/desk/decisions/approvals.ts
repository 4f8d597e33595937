import { DeskError } from '#shared/contract/errors.ts';
import { contractCeiling } from '#shared/domain/ceiling.ts';
import type { Decision } from '#shared/domain/decision.ts';
import type { Actor, PlanChange, Recommendation, TraderReason } from '#shared/domain/recommendation.ts';
import type { SizingSnapshot, TradePlan } from '#shared/domain/sizing.ts';
import type { Quote } from '#shared/domain/market.ts';
import { ticks, type Ticks } from '#shared/units.ts';
import { statusText, wallName } from '#shared/wording/index.ts';

export type ApprovalRequest = {
  readonly id: string;
  readonly contracts: number;
  /** Prices the trader moved; null: as shown. */
  readonly plan: PlanChange | null;
  readonly reason: TraderReason | null;
  readonly actor: Actor;
};

/** Refuses an approval with a sentence, and what to do instead. */
export const refuse = (message: string, remedy: string | null = null): DeskError =>
  new DeskError({ code: 'refused', message, remedy });

/**
 * Returns the plan of a recommendation at the price it can be entered at now. Stop and target stay where they were
 * shown or put; the entry follows the market, unless the trader put a limit somewhere.
 */
export function repricedPlan(
  recommendation: Pick<Recommendation, 'decision' | 'stop' | 'target'>,
  quote: Quote | null,
  limit: Ticks | null = null,
): TradePlan {
  const { decision, stop, target } = recommendation;
  if (quote === null) throw refuse('there is no price to approve at', 'wait for the market data');
  if (decision.direction === 0 || stop === null || target === null) throw refuse('this recommendation has no plan');
  const entry = limit ?? (decision.direction > 0 ? quote.ask : quote.bid);
  const stopDistance = (entry - stop) * decision.direction;
  const targetDistance = (target - entry) * decision.direction;
  const remedy = limit === null ? 'reject it, or wait for the next signal' : 'put the lines in order, then approve';
  if (stopDistance <= 0)
    throw refuse(`the ${limit === null ? 'price has passed' : 'entry is beyond'} the stop`, remedy);
  if (targetDistance <= 0)
    throw refuse(`the ${limit === null ? 'price has passed' : 'entry is beyond'} the target`, remedy);
  return { entry: ticks(entry), stopDistance, targetDistance };
}

/**
 * Says whether `contracts` may be approved under the decision made again at the click. Throws 'refused' naming the
 * reason, or 'invalid-input' when a change comes without one.
 */
export function checkApproval(recommendation: Recommendation, fresh: Decision, request: ApprovalRequest): void {
  const suggested = recommendation.decision.contracts;
  const isMoved = request.plan !== null;
  if ((isMoved || request.contracts !== suggested) && request.reason === null) {
    throw new DeskError({
      code: 'invalid-input',
      message: isMoved
        ? 'moving the plan needs a reason'
        : `changing ${suggested} to ${request.contracts} contracts needs a reason`,
      field: 'reason',
      value: 'absent',
      remedy: 'choose a reason',
    });
  }
  if (fresh.contracts === 0)
    throw refuse(`at the present price: ${statusText(fresh)}`, 'reject it, or wait for the next signal');
  if (fresh.direction !== recommendation.decision.direction) throw refuse('the signal no longer points this way');
  const ceiling = contractCeiling(fresh);
  if (request.contracts > ceiling.contracts) {
    const walls = ceiling.walls.map((wall) => wallName(wall.code)).join(' and ');
    throw refuse(
      `${request.contracts} would break ${walls}: ${ceiling.contracts} allowed now`,
      `set ${ceiling.contracts} or fewer`,
    );
  }
  // A size the trader chose for a plan of their own is theirs; one left as recommended is the desk's word.
  if (!isMoved && request.contracts === suggested && suggested > fresh.contracts) {
    throw refuse(`the size is ${fresh.contracts} at the present price and account`, `set ${fresh.contracts}`);
  }
}

/** Returns the snapshot an approval is checked against: the recorded opinions, everything else as of now. */
export type Recheck = (
  recommendation: Recommendation,
  plan: TradePlan,
) => { readonly snapshot: SizingSnapshot; readonly decision: Decision };
