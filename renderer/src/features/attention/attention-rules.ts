import { countedText } from '#shared/wording/names.ts';
import { ATTENTION_KINDS } from '#renderer/src/store/attention.ts';
import type { AttentionChoice, AttentionKind, QuietHours } from '#renderer/src/store/attention.ts';

/** Something that happened, in the words it is told in. */
export type Occurrence = {
  readonly kind: AttentionKind;
  readonly title: string;
  readonly text: string;
  /** What to show when the trader comes; null for what is about the whole desk. */
  readonly symbol: string | null;
};

/** The moment something is told at: the minute of the day by this machine's clock, and whether the window is in use. */
export type Moment = { readonly minute: number; readonly isInFront: boolean };

/** The minute of the day by this machine's clock. */
export const minuteOf = (at: Date): number => at.getHours() * 60 + at.getMinutes();

/**
 * Says whether a minute of the day is in the quiet hours: from the first minute up to, not with, the last. Hours that end
 * before they begin go over midnight; those that end as they begin are the whole day.
 */
export function isQuiet({ isOn, from, until }: QuietHours, minute: number): boolean {
  if (!isOn) return false;
  if (from === until) return true;
  return from < until ? minute >= from && minute < until : minute >= from || minute < until;
}

/** Says by which ways a kind is told at a moment. */
export function waysOf(
  choice: AttentionChoice,
  kind: AttentionKind,
  { minute, isInFront }: Moment,
): { readonly notify: boolean; readonly sound: boolean } {
  const isExempt = choice.quiet.exempt.some((one) => one === kind);
  if (isQuiet(choice.quiet, minute) && !isExempt) return { notify: false, sound: false };
  return {
    notify: choice.hasNotifications && choice.notify[kind] && (choice.isAlsoInFront || !isInFront),
    sound: choice.hasSounds && choice.sound[kind],
  };
}

const byUrgency = (a: Occurrence, b: Occurrence): number =>
  ATTENTION_KINDS.indexOf(a.kind) - ATTENTION_KINDS.indexOf(b.kind);

/** The most pressing kind among what happened; null when nothing did. */
export const mostPressing = (happened: readonly Occurrence[]): AttentionKind | null =>
  [...happened].sort(byUrgency)[0]?.kind ?? null;

const NOUNS: Readonly<Record<AttentionKind, string>> = {
  breaker: 'breaker',
  disconnect: 'lost connection',
  fill: 'fill',
  expiry: 'expiring recommendation',
  recommendation: 'new recommendation',
};

/** A notification shows about this many lines. */
const MOST_LINES = 4;

/** All that happened as one notification, the most pressing first; null when nothing did. */
export function oneNotice(happened: readonly Occurrence[]): Occurrence | null {
  const [first, ...rest] = [...happened].sort(byUrgency);
  if (first === undefined) return null;
  if (rest.length === 0) return first;
  const counts = ATTENTION_KINDS.flatMap((kind) => {
    const count = happened.filter((one) => one.kind === kind).length;
    return count === 0 ? [] : [countedText(count, NOUNS[kind])];
  });
  const lines = [first, ...rest].map(({ title, text }) => (text === '' ? title : `${title}: ${text}`));
  const hidden = lines.length - MOST_LINES;
  const shown = hidden > 1 ? [...lines.slice(0, MOST_LINES), `and ${hidden} more`] : lines;
  return { ...first, title: counts.join(', '), text: shown.join('\n') };
}
