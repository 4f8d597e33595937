import type { Bar } from '#shared/domain/market.ts';
import { countText, priceDecimals, priceText, signedPercentText, signedText } from '#shared/format/numbers.ts';
import type { PriceStyle } from '#shared/format/numbers.ts';
import { shortDay, shortTime, year } from '#renderer/src/ui/times.ts';

/** When a bar opened: 28 Aug, 10:42; a day's bar 28 Aug 2025. */
export const barTime = ({ timeframe, openAt }: Bar): string =>
  timeframe === '1d' ? `${shortDay(openAt)} ${year(openAt)}` : `${shortDay(openAt)}, ${shortTime(openAt)}`;

/** The figures of a bar, as rows of name and value: its four prices, what it moved, and its volume where it has one. */
export function barFigures(bar: Bar, style: PriceStyle): readonly (readonly [name: string, value: string])[] {
  const { open, high, low, close, volume } = bar;
  const moved = signedText((close - open) * style.tickSize, priceDecimals(style.tickSize));
  const share = open > 0 ? ` (${signedPercentText((close - open) / open)})` : '';
  return [
    ['Open', priceText(style, open)],
    ['High', priceText(style, high)],
    ['Low', priceText(style, low)],
    ['Close', priceText(style, close)],
    ['Change', `${moved}${share}`],
    ...(volume > 0 ? [['Volume', countText(volume)] as const] : []),
  ];
}

/** What is missing before a bar; empty where it follows on. @param minutes as `missingBefore` counts them */
export function gapText(minutes: number): string {
  if (minutes === 0) return '';
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60 === 0 && hours > 0 ? '' : `${minutes % 60} min`;
  return `no bars for ${[hours > 0 ? `${hours} h` : '', rest].filter((part) => part !== '').join(' ')} before`;
}

/** A bar in one sentence, for the ear. */
export const barWords = (bar: Bar, style: PriceStyle, missing = 0): string =>
  `${barTime(bar)}${missing === 0 ? '' : ` (${gapText(missing)})`}: ${barFigures(bar, style)
    .map((figure) => figure.join(' '))
    .join(', ')}`;
