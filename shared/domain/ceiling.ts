import type { Decision, Wall } from './decision.ts';

/**
 * The most contracts a trader may set on a recommendation, to be added to what is held: what every limit but Kelly
 * itself allows. Going above Kelly
 * needs a reason; going above a limit is not possible.
 * @returns the count, and the walls that stop the next contract (empty when nothing does)
 */
export function contractCeiling(decision: Pick<Decision, 'walls'>): {
  readonly contracts: number;
  readonly walls: readonly Wall[];
} {
  const limits = decision.walls.filter((wall) => wall.code !== 'kelly');
  if (limits.length === 0) return { contracts: 0, walls: [] };
  const contracts = Math.min(...limits.map((wall) => wall.allowed));
  return { contracts, walls: limits.filter((wall) => wall.allowed === contracts) };
}
