export type Box = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
export type Size = { readonly width: number; readonly height: number };

const GAP = 10;
const EDGE = 8;

const between = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));

/**
 * Where a card stands beside what it explains: on the side with room for it, to the right first, and never over it.
 * Where no side has room it stands in the corner farthest from it.
 * @returns left and top in px
 */
export function besideBox(target: Box, card: Size, view: Size): { readonly left: number; readonly top: number } {
  const right = target.left + target.width + GAP;
  const bottom = target.top + target.height + GAP;
  const top = between(target.top, EDGE, view.height - card.height - EDGE);
  const left = between(target.left, EDGE, view.width - card.width - EDGE);
  if (right + card.width + EDGE <= view.width) return { left: right, top };
  if (bottom + card.height + EDGE <= view.height) return { left, top: bottom };
  if (target.left - GAP - card.width >= EDGE) return { left: target.left - GAP - card.width, top };
  if (target.top - GAP - card.height >= EDGE) return { left, top: target.top - GAP - card.height };
  const isLeft = target.left + target.width / 2 < view.width / 2;
  const isTop = target.top + target.height / 2 < view.height / 2;
  return {
    left: isLeft ? view.width - card.width - EDGE : EDGE,
    top: isTop ? view.height - card.height - EDGE : EDGE,
  };
}
