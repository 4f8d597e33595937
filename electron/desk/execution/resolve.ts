import { DeskError } from '#shared/contract/errors.ts';
import type { Fill } from '#shared/domain/order.ts';
import type { Actor } from '#shared/domain/recommendation.ts';
import type { Difference, DifferenceChoice } from '#shared/domain/risk.ts';
import { ticks } from '#shared/units.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import { type ExecutionContext, orderOr, refusal } from './context.ts';
import type { Doubt } from './doubt.ts';
import { adjustmentKey, assumedFee, type Executions } from './executions.ts';
import type { Findings } from './findings.ts';
import type { Flattening } from './flatten.ts';
import { adjustmentHash, differenceText } from './reconcile.ts';

export type ResolveParts = {
  readonly executions: Executions;
  readonly findings: Findings;
  readonly flattening: Flattening;
  readonly doubt: Doubt;
};

/** What the trader decides about one difference. */
export type Resolution = {
  readonly differenceId: string;
  readonly choice: DifferenceChoice;
  readonly reason: string;
  readonly actor: Actor;
};

/** Deals with a difference as the trader said; journaled with the reason. */
export type Resolve = (resolution: Resolution) => Promise<void>;

/** Returns what deals with differences of one account. Throws 'not-found' and 'refused' with what to do instead. */
export function createResolve(
  context: ExecutionContext,
  { executions, findings, flattening, doubt }: ResolveParts,
): Resolve {
  const { book, broker, clock, journal, recorder } = context;

  const priceOf = ({ symbol, brokerPrice }: Difference): { readonly price: number; readonly from: string } => {
    if (brokerPrice !== null) return { price: brokerPrice, from: "the broker's mean price" };
    const last = book.quote(symbol)?.last ?? null;
    if (last !== null) return { price: last, from: 'the last price, since the broker states none' };
    throw refusal(`there is no price for ${symbol} to take the position over at`, 'wait for the market data');
  };
  /** The execution that brings the journal to what the broker holds. */
  const adjustment = (difference: Difference): { readonly fill: Fill; readonly from: string } => {
    const { symbol, brokerQuantity, journalQuantity } = difference;
    const change = (brokerQuantity ?? 0) - (journalQuantity ?? 0);
    if (!context.knows(symbol)) throw refusal(`${symbol} is not traded by this desk`, 'set it aside with a reason');
    const { price, from } = priceOf(difference);
    const lastKey = journal.fills({ symbol }).at(-1)?.execKey ?? null;
    const key = [broker.venue, broker.account, symbol, brokerQuantity ?? 0, adjustmentHash(difference, lastKey)];
    const at = clock.now();
    const fill: Fill = {
      ...{ execKey: adjustmentKey(key), venue: broker.venue, account: broker.account, clientOrderId: null, symbol },
      direction: change > 0 ? 1 : -1,
      quantity: Math.abs(change),
      price: ticks(Math.round(price)),
      ...{ fee: assumedFee(context.instrument(symbol), Math.abs(change)), at, receivedAt: at },
    };
    return { fill, from };
  };
  const resolved = (difference: Difference, { choice, reason, actor }: Resolution): JournalEvent => ({
    ...{ kind: 'difference-resolved', difference, choice, reason, actor },
  });

  /** The journal still says what it said when the difference was found. */
  const checkStands = ({ symbol, journalQuantity }: Difference): void => {
    const now = book.positions().find((p) => p.symbol === symbol)?.quantity ?? 0;
    if (now === journalQuantity) return;
    throw refusal(`${symbol} has changed since this was found: ${now} are held now`, 'compare again');
  };
  const adoptPosition = (difference: Difference, resolution: Resolution): void => {
    checkStands(difference);
    const { fill, from } = adjustment(difference);
    const change = fill.direction * fill.quantity;
    recorder.record([
      resolved(difference, resolution),
      { kind: 'fill', fill },
      {
        kind: 'notice',
        level: 'warn',
        title: 'A position was taken over from the broker',
        detail: `${differenceText(difference)}; ${change > 0 ? '+' : '−'}${fill.quantity} booked at ${fill.price} ticks, ${from}, with the usual fee`,
      },
    ]);
  };
  /** Both come to what the journal said: the surplus is booked as the broker has it, and then closed. */
  const balance = async (difference: Difference, resolution: Resolution): Promise<void> => {
    const { symbol, brokerQuantity, journalQuantity } = difference;
    const surplus = (brokerQuantity ?? 0) - (journalQuantity ?? 0);
    if (flattening.underway(symbol).length > 0)
      throw refusal(`a closing order for ${symbol} is under way`, 'wait for its end, then compare again');
    adoptPosition(difference, resolution);
    findings.resolve(difference.id, false);
    await flattening.close(symbol, surplus);
  };
  const adoptFill = (difference: Difference, resolution: Resolution): void => {
    const [, venue = '', account = '', ...rest] = difference.id.split('|');
    const execKey = rest.slice(0, -1).join('|');
    const known = executions.find({ venue, account, execKey });
    const { brokerQuantity, brokerPrice } = difference;
    if (known === null || brokerQuantity === null || brokerPrice === null)
      throw refusal('the execution is no longer known', 'compare again');
    recorder.record([resolved(difference, resolution)]);
    executions.revise(known, {
      ...{ direction: brokerQuantity > 0 ? 1 : -1, quantity: Math.abs(brokerQuantity), price: ticks(brokerPrice) },
      ...{ fee: known.fee, at: known.at },
    });
  };
  const adopt = (difference: Difference, resolution: Resolution): void => {
    switch (difference.kind) {
      case 'position':
        adoptPosition(difference, resolution);
        return;
      case 'fill-conflict':
        adoptFill(difference, resolution);
        return;
      case 'missing-order': {
        const order = orderOr(book, difference.clientOrderId ?? '');
        recorder.record([resolved(difference, resolution)]);
        doubt.settle(order.clientOrderId, 'canceled', resolution.reason);
        return;
      }
      case 'external-order':
      case 'missing-stop':
      case 'overfill':
        throw refusal('there is nothing to take over here', 'set it aside with a reason');
    }
  };

  return async (resolution) => {
    const { differenceId, choice } = resolution;
    const difference = findings.find(differenceId);
    if (difference === null) {
      throw new DeskError({
        code: 'not-found',
        message: `there is no difference ${differenceId}`,
        field: 'differenceId',
        value: differenceId,
        remedy: 'compare again: it may be gone',
      });
    }
    if (!difference.choices.includes(choice)) {
      throw refusal(
        choice === 'balance'
          ? 'balancing this would add risk at the broker'
          : `${choice} is not a choice for this difference`,
        `choose ${difference.choices.join(' or ')}`,
      );
    }
    if (choice === 'balance') return balance(difference, resolution);
    if (choice === 'adopt') adopt(difference, resolution);
    else recorder.record([resolved(difference, resolution)]);
    findings.resolve(differenceId, choice === 'ignore');
  };
}
