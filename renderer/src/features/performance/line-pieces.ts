/** Points after which a line is cut: fewer would only make more elements (measured in Chromium without a graphics card). */
const PIECE = 128;

export type LinePiece = {
  readonly d: string;
  /** How far along the whole line it begins, px, so that dashes go on where the piece before left them. */
  readonly from: number;
};

const lengthOf = (points: readonly string[]): number => {
  let [length, x, y] = [0, NaN, NaN];
  for (const point of points) {
    const [toX, toY] = point.split(' ').map(Number);
    if (toX === undefined || toY === undefined) continue;
    if (!Number.isNaN(x)) length += Math.hypot(toX - x, toY - y);
    [x, y] = [toX, toY];
  }
  return length;
};

/**
 * Cuts a long line into pieces to be drawn one after another. A browser strokes a path anew for every tile of the screen
 * it may touch, and the whole window's width of it each time; a short piece touches one or two. The last stretch of a
 * piece is also the first of the next, so that every corner is drawn as a corner in one of them and no gap shows.
 * @param d one line from point to point (`M`, then `L`s); any other path stays whole
 */
export function piecesOf(d: string, isDashed: boolean): readonly LinePiece[] {
  const whole = [{ d, from: 0 }];
  if (/[^L\d. -]/.test(d.slice(1))) return whole;
  const points = d.slice(1).split('L');
  if (points.length < 2 * PIECE) return whole;
  const pieces: LinePiece[] = [];
  let from = 0;
  for (let i = 0; i < points.length - 1; i += PIECE) {
    pieces.push({ d: `M${points.slice(i, i + PIECE + 2).join('L')}`, from });
    if (isDashed) from += lengthOf(points.slice(i, i + PIECE + 1));
  }
  return pieces;
}
