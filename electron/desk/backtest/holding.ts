import type { Case, CaseOutcome, Leg } from './tape.ts';

/** A leg of the executed trade with the contracts of it that this account has: a share, not always a whole number. */
type OwnLeg = Leg & { readonly share: number };

/** Contracts of one case that an account took. Written by the account only. */
export type Holding = {
  readonly item: Case;
  /** Place of the case on the tape. */
  readonly index: number;
  /** Contracts asked for at the decision, and those that fill in the end. */
  readonly sent: number;
  readonly filled: number;
  /** By exit, oldest first; what is still held comes last. */
  readonly legs: readonly OwnLeg[];
  readonly endsAt: number;
  /** Legs that were booked, when the last of them left, their exact net, and the net booked of it. */
  booked: number;
  leftAt: number | null;
  due: number;
  net: number;
};

/**
 * Contracts of a policy that fill where `filled` of `sent` did. A whole fill says the market had them: all fill. A part
 * says it had no more.
 */
export function fillable(
  contracts: number,
  { sent, filled }: { readonly sent: number; readonly filled: number },
): number {
  if (filled === 0) return 0;
  return contracts === sent ? filled : filled < sent ? Math.min(contracts, filled) : contracts;
}

/**
 * The executed legs with a policy's share of each. What came in by one time is told by the fills up to then alone, so
 * that no share knows of a later one; legs that came in together share by their size.
 */
function sharesOf({ legs, sent }: CaseOutcome, contracts: number): readonly OwnLeg[] {
  const sizes = new Map<number, number>();
  for (const { entryAt, quantity } of legs) sizes.set(entryAt, (sizes.get(entryAt) ?? 0) + quantity);
  const own = new Map<number, number>();
  let [executed, taken] = [0, 0];
  for (const [entryAt, size] of [...sizes].sort((a, b) => a[0] - b[0])) {
    executed += size;
    const now = fillable(contracts, { sent, filled: executed });
    own.set(entryAt, now - taken);
    taken = now;
  }
  return legs.flatMap((leg) => {
    const share = (leg.quantity * (own.get(leg.entryAt) ?? 0)) / (sizes.get(leg.entryAt) ?? 1);
    return share > 0 ? [{ ...leg, share }] : [];
  });
}

const total = (legs: readonly OwnLeg[]): number => legs.reduce((sum, { share }) => sum + share, 0);

/** Returns what an account holds of a case from its decision on. */
export function holdingOf(item: Case, index: number, contracts: number): Holding {
  const legs = sharesOf(item.outcome, contracts);
  const filled = Math.round(total(legs));
  const fillsUntil = filled < contracts ? item.outcome.fillsUntil : 0;
  const endsAt = Math.max(fillsUntil, ...legs.map(({ exitAt }) => exitAt));
  return { item, index, sent: contracts, filled, legs, endsAt, booked: 0, leftAt: null, due: 0, net: 0 };
}

/** Legs that are held strictly before `at`. */
export const heldLegs = ({ legs, booked }: Holding, at: number): readonly OwnLeg[] =>
  legs.slice(booked).filter(({ entryAt }) => entryAt < at);

/** Contracts held strictly before `at`; a part of a contract counts as one. */
export const leftOf = (holding: Holding, at: number): number => Math.ceil(total(heldLegs(holding, at)) - 1e-9);

/** Contracts of the entry that may still fill. */
export function workingOf({ item, legs, sent }: Holding, at: number): number {
  if (at > item.outcome.fillsUntil) return 0;
  return Math.max(0, sent - Math.round(total(legs.filter(({ entryAt }) => entryAt < at))));
}

/** When the next leg leaves, or with none left, when the last of the entry that could still fill is over. */
export const nextEnd = ({ legs, booked, endsAt }: Holding): number => legs[booked]?.exitAt ?? endsAt;

/** Fees paid already on what is held strictly before `at`, money. */
export const openFeesOf = (holding: Holding, at: number): number =>
  heldLegs(holding, at).reduce((sum, { entryFee, quantity, share }) => sum + (entryFee * share) / quantity, 0);

/** Open profit of what is held strictly before `at`, at a mark in ticks; money. */
export const openPnlOf = (holding: Holding, at: number, mark: number): number => {
  const { direction, snapshot } = holding.item;
  const { tickValue } = snapshot.instrument;
  return heldLegs(holding, at).reduce(
    (sum, { entryPrice, share }) => sum + (mark - entryPrice) * direction * share * tickValue,
    0,
  );
};

/** Books the next leg and returns the money it brings: all legs of a trade add up exactly. */
export function bookNext(holding: Holding): number {
  const leg = holding.legs[holding.booked];
  if (leg === undefined) return 0;
  holding.booked += 1;
  holding.leftAt = leg.exitAt;
  holding.due += (leg.net * leg.share) / leg.quantity;
  const brings = Math.round(holding.due) - holding.net;
  holding.net += brings;
  return brings;
}
