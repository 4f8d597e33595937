import type { Difference, DifferenceChoice, KillState, Latch, LatchCode } from '#shared/domain/risk.ts';
import type { PriceStyle } from '#shared/format/numbers.ts';
import { numberText, priceDecimals, priceText, signedText } from '#shared/format/numbers.ts';

import { breakerFigures, breakerName, countedText, listText } from './names.ts';

/** What a tripped breaker does. */
export const latchEffectText = (effect: Latch['effect']): string =>
  effect === 'flatten' ? 'entries are stopped and positions are closed' : 'entries are stopped';

/** What tripped, at which reading, and until when it holds. */
export function latchText({ code, effect, value, limit }: Latch): string {
  const [reading, level] = breakerFigures(code, value, limit);
  const name = breakerName(code);
  const sentence = `${name} reached ${reading}, the limit is ${level}`;
  return `${sentence}: ${latchEffectText(effect)} until it is armed again`;
}

/** What arming a breaker again means at a reading: when it trips the next time. */
export function rearmText(code: LatchCode, value: number, limit: number): string {
  const [reading, level] = breakerFigures(code, value, limit);
  if (code === 'drift') return `Entries may leave again. Drift is counted from zero and trips at ${level}.`;
  if (value < limit) return `Entries may leave again. It reads ${reading} and trips at ${level}.`;
  const worse = code === 'consecutive-losses' ? 'with the next loss' : `beyond ${reading}`;
  return `Entries may leave again at half size. It still reads ${reading}, over its limit of ${level}: it trips anew ${worse}, or on the next session day.`;
}

const openText = ({ openOrders, openPositions }: KillState): string => {
  const orders = openOrders === null ? 'open orders unknown' : countedText(openOrders, 'open order');
  const positions = openPositions === null ? 'positions unknown' : countedText(openPositions, 'open position');
  return `${orders}, ${positions}`;
};

const leftText = ({ remaining, unknown }: KillState): string => {
  const open = remaining.length === 0 ? '' : ` Still open: ${listText(remaining)}.`;
  const unclear = unknown.length === 0 ? '' : ` Not known: ${listText(unknown)}.`;
  return `${open}${unclear}`;
};

/** Says where the kill switch stands and what is still open; what is not known is said to be unknown, never none. */
export function killText(kill: KillState): string {
  switch (kill.step) {
    case 'idle':
      return 'The kill switch has not been used.';
    case 'cancelling':
      return `Trading is halted; orders are being cancelled (${openText(kill)}).${leftText(kill)}`;
    case 'cancelled':
      return `Trading is halted; every order is cancelled (${openText(kill)}).${leftText(kill)}`;
    case 'cancel-incomplete':
      return `Trading is halted; not every order is known to be cancelled (${openText(kill)}).${leftText(kill)}`;
    case 'flattening':
      return `Trading is halted; positions are being closed at the market (${openText(kill)}).${leftText(kill)}`;
    case 'flat':
      return `Trading is halted; the broker holds nothing (${openText(kill)}).${leftText(kill)}`;
    case 'flatten-incomplete':
      return `Trading is halted; not every position is known to be closed (${openText(kill)}). Call the broker.${leftText(kill)}`;
  }
}

/** Contracts with their side: "+2", "−1", "none". */
const held = (quantity: number | null): string =>
  quantity === null ? 'not known' : quantity === 0 ? 'none' : signedText(quantity, 0);

/** Broker less journal; null where a side is not known. */
const gapOf = ({ brokerQuantity, journalQuantity }: Difference): number | null =>
  brokerQuantity === null || journalQuantity === null ? null : brokerQuantity - journalQuantity;

const orderText = ({ clientOrderId, venueOrderId }: Difference): string => {
  const id = venueOrderId ?? clientOrderId;
  return id === null ? 'an order' : `order ${id}`;
};

/** What was found, with its numbers: "NQZ26-CME: the broker holds +3, the journal +2." */
export function differenceText(difference: Difference): string {
  const { kind, symbol, brokerQuantity, journalQuantity } = difference;
  const both = `the broker holds ${held(brokerQuantity)}, the journal ${held(journalQuantity)}`;
  switch (kind) {
    case 'position':
      return `${symbol}: ${both}.`;
    case 'external-order':
      return `${symbol}: ${orderText(difference)} at the broker was not sent by this desk.`;
    case 'missing-order':
      return `${symbol}: ${orderText(difference)} is open in the journal and not at the broker.`;
    case 'missing-stop':
      return `${symbol}: the position of ${held(brokerQuantity ?? journalQuantity)} has no stop at the broker for all of it.`;
    case 'overfill':
      return `${symbol}: ${orderText(difference)} was filled beyond what was ordered; ${both}.`;
    case 'fill-conflict':
      return `${symbol}: the broker states an execution of ${orderText(difference)} with other values than the journal.`;
  }
}

const CHOICES: Readonly<Record<Difference['kind'], Readonly<Record<DifferenceChoice, string>>>> = {
  position: { adopt: 'Take over the broker’s position', balance: 'Send the difference', ignore: 'Leave it' },
  'external-order': { adopt: 'Let it work', balance: 'Cancel it', ignore: 'Leave it' },
  'missing-order': { adopt: 'End it in the journal', balance: 'Send it again as a new order', ignore: 'Leave it' },
  'missing-stop': { adopt: 'Hold without a stop', balance: 'Send a stop', ignore: 'Leave it' },
  overfill: { adopt: 'Keep the excess', balance: 'Close the excess', ignore: 'Leave it' },
  'fill-conflict': { adopt: 'Take over the broker’s values', balance: 'Send the difference', ignore: 'Leave it' },
};

/** The choice as it stands on a button. */
export const choiceName = ({ kind }: Pick<Difference, 'kind'>, choice: DifferenceChoice): string =>
  CHOICES[kind][choice];

/** Decimals beyond the contract's own that a mean of several fills is shown with. */
const MEAN_DIGITS = 2;

/** A mean price in ticks as a price; where the contract's style is not known, in ticks. */
const atPrice = (price: number | null, style: PriceStyle | null): string => {
  if (price === null) return ' at a price the broker does not state';
  if (style === null) return ` at ${numberText(price, 2)} ticks`;
  if (Number.isInteger(price)) return ` at ${priceText(style, price)}`;
  return ` at ${numberText(price * style.tickSize, priceDecimals(style.tickSize) + MEAN_DIGITS)} on average`;
};

const tradeText = (quantity: number): string =>
  `${quantity > 0 ? 'buys' : 'sells'} ${countedText(Math.abs(quantity), 'contract')}`;

const UNKNOWN = 'What it would do cannot be said: not all of the numbers are known.';

/** Position and excess: what is booked, or sent, and what both sides hold then. */
function quantityChoice(difference: Difference, choice: DifferenceChoice, style: PriceStyle | null): string {
  const { brokerQuantity, journalQuantity, brokerPrice } = difference;
  const gap = gapOf(difference);
  if (gap === null) return choice === 'ignore' ? 'Nothing is booked and nothing is sent.' : UNKNOWN;
  switch (choice) {
    case 'adopt':
      return `The journal books ${held(gap)}${atPrice(brokerPrice, style)} and then holds ${held(brokerQuantity)}, as the broker does. No order is sent.`;
    case 'balance':
      return `An order at the market ${tradeText(-gap)}: the broker then holds ${held(journalQuantity)}, as the journal does.`;
    case 'ignore':
      return `Nothing is booked and nothing is sent: the broker holds ${held(brokerQuantity)}, the journal ${held(journalQuantity)}.`;
  }
}

function orderChoice(kind: 'external-order' | 'missing-order', choice: DifferenceChoice): string {
  const isExternal = kind === 'external-order';
  switch (choice) {
    case 'adopt':
      return isExternal
        ? 'It stays at the broker. If it fills, the broker holds what the journal does not.'
        : 'The journal ends the order as cancelled. Nothing is sent.';
    case 'balance':
      return isExternal
        ? 'A cancel is sent for it. Nothing of it is booked.'
        : 'A new order with the same terms is sent. Should the old one exist after all, both can fill.';
    case 'ignore':
      return isExternal ? 'It stays at the broker, unwatched.' : 'It stays open in the journal. Nothing is sent.';
  }
}

function stopChoice({ brokerQuantity, journalQuantity }: Difference, choice: DifferenceChoice): string {
  const quantity = brokerQuantity ?? journalQuantity;
  if (choice !== 'balance') return 'Nothing is sent: the loss of the position has no limit.';
  return quantity === null ? UNKNOWN : `A stop that ${tradeText(-quantity)} is sent at the planned price.`;
}

/** What a choice does about a difference, with its numbers, before it is made. */
export function choiceText(difference: Difference, choice: DifferenceChoice, style: PriceStyle | null = null): string {
  switch (difference.kind) {
    case 'position':
    case 'overfill':
      return quantityChoice(difference, choice, style);
    case 'external-order':
    case 'missing-order':
      return orderChoice(difference.kind, choice);
    case 'missing-stop':
      return stopChoice(difference, choice);
    case 'fill-conflict':
      if (choice === 'adopt')
        return 'The broker’s values replace the journal’s, as a correction that is journaled. No order is sent.';
      return choice === 'ignore' ? 'The journal keeps its values.' : 'No order can settle this: nothing is sent.';
  }
}
