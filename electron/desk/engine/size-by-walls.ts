import type { DecisionStatus, Wall, WallCode, ZeroReason } from '#shared/domain/decision.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { MONEY_PER_USD } from '#shared/units.ts';

import { zeroReason } from './gates.ts';
import { buildWalls, closeWalls, smallestAllowed, targetContracts } from './walls.ts';
import type { WallInput } from './walls.ts';

const ORDER: Readonly<Record<WallCode, DecisionStatus>> = {
  kelly: 'too-small',
  evaluation: 'too-small',
  'risk-ceiling': 'risk-ceiling',
  'max-contracts': 'position-open',
  'buying-power': 'buying-power',
  heat: 'heat',
  cluster: 'cluster',
};

/** Limits on one trade: what they leave of it is its target. The others are shared with the rest of the book. */
const OWN_LIMITS: ReadonlySet<WallCode> = new Set(['kelly', 'evaluation', 'risk-ceiling', 'max-contracts']);

/**
 * The reason of a size of 0: the first wall that allows nothing. Too small compares money: what Kelly (or evaluation)
 * allows, and what one contract takes; the others compare shares of equity, or contracts. Where contracts are held and
 * a limit on the trade itself allows no more, it is at its target: that compares contracts held with contracts it may
 * have, and names the limit.
 */
export function wallReason({ walls, target }: Sized, snapshot: SizingSnapshot): ZeroReason | null {
  const wall = walls.find(({ allowed }) => allowed === 0);
  if (wall === undefined) return null;
  const held = snapshot.held?.position?.contracts ?? 0;
  if (held > 0 && OWN_LIMITS.has(wall.code)) {
    return zeroReason('at-target', { value: held, limit: target, subject: wall.code });
  }
  const code = ORDER[wall.code];
  if (code !== 'too-small') return zeroReason(code, { value: wall.atOneMore, limit: wall.limit, subject: wall.detail });
  const equity = snapshot.equity / MONEY_PER_USD;
  const subject = snapshot.instrument.microRoot;
  return zeroReason(code, { value: wall.limit * equity, limit: wall.atOneMore * equity, subject });
}

/**
 * The walls of a signal that stands, and the contracts that its own limits would give a position of nothing; null where
 * nothing is held.
 */
export type Sized = { readonly walls: Wall[]; readonly target: number | null };

export const unsized = (): Sized => ({ walls: [], target: null });

/** Builds every limit of a signal that stands and can be priced, with its readings at the size they allow. */
export function sizeByWalls(input: WallInput): Sized {
  const open = buildWalls(input);
  const isHeld = (input.snapshot.held?.position ?? null) !== null;
  return { walls: closeWalls(open, smallestAllowed(open)), target: isHeld ? targetContracts(input) : null };
}

/** The size that limits allow together; 0 without limits. */
export const sizeOf = (walls: readonly Wall[]): number => (walls.length === 0 ? 0 : smallestAllowed(walls));
