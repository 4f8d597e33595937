import type { BookId } from '#shared/domain/performance.ts';
import type { Tone } from './scene.ts';

/** How a book is named and drawn, everywhere on this screen. */
export type BookStyle = {
  readonly book: BookId;
  readonly name: string;
  readonly tone: Tone;
  readonly width: number;
  readonly dash: readonly number[];
};

export const BOOKS: readonly BookStyle[] = [
  { book: 'actual', name: 'Actual', tone: 'text', width: 2, dash: [] },
  { book: 'model', name: 'Kelly', tone: 'accent', width: 1.75, dash: [] },
  { book: 'fixed', name: 'Fixed', tone: 'text3', width: 1.5, dash: [5, 4] },
];

/** Drawn first to last: what the trader did lies on top. */
export const DRAWN: readonly BookStyle[] = [...BOOKS].reverse();
