import { percentText, signedPercentText, usdText } from '#shared/format/numbers.ts';
import { deepest } from './book-scenes.ts';
import { BOOKS } from './books.ts';
import { pointDay, pointTime } from './time-ticks.ts';
import { columnsOf } from './timeline.ts';
import type { Moment } from './timeline.ts';

const change = (first: number, last: number): string => (first > 0 ? signedPercentText(last / first - 1) : '—');

/** The equity chart for who does not see it: the span, and where each book began and ended. */
export function equityAlternative(moments: readonly Moment[]): string {
  const [first, last] = [moments[0], moments.at(-1)];
  if (first === undefined || last === undefined) return 'Equity of the three books: no points yet.';
  const books = BOOKS.map(
    ({ book, name }) =>
      `${name} from ${usdText(first.equity[book])} to ${usdText(last.equity[book])}, ${change(first.equity[book], last.equity[book])}`,
  );
  return `Equity of the three books, ${pointDay(first.at)} to ${pointDay(last.at)}. ${books.join('; ')}.`;
}

/** The underwater chart in words: the deepest point of each book and where it is now. */
export function underwaterAlternative(moments: readonly Moment[]): string {
  const last = moments.at(-1);
  if (last === undefined) return 'Underwater: no points yet.';
  const columns = columnsOf(moments);
  const books = BOOKS.map(({ book, name }) => {
    const low = moments[deepest(columns, book)];
    return low === undefined || low.depth[book] >= 0
      ? `${name} was never below its highest`
      : `${name} deepest ${percentText(low.depth[book])} on ${pointDay(low.at)}, now ${percentText(last.depth[book])}`;
  });
  return `Below the highest equity so far. ${books.join('; ')}.`;
}

/** One moment of the charts in words. */
export const momentText = ({ at, equity, depth }: Moment): string => {
  const books = BOOKS.map(
    ({ book, name }) => `${name} ${usdText(equity[book])}, ${percentText(-depth[book])} below its highest`,
  );
  return `${pointTime(at)}. ${books.join('; ')}`;
};
