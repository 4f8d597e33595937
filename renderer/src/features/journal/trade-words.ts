import type { TradeRow, TradeSummary } from '#shared/contract/journal-views.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import {
  countText,
  DASH,
  durationText,
  moneyText,
  numberText,
  percentText,
  priceText,
  ratioText,
  rText,
  signedMoneyText,
} from '#shared/format/numbers.ts';
import type { PriceStyle } from '#shared/format/numbers.ts';
import { MONEY_PER_USD } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';
import { shortDay, shortTime, year } from '#renderer/src/ui/times.ts';
import { contractName, directionWord } from '#renderer/src/ui/words.ts';

export type Instruments = Readonly<Record<string, Instrument>>;

/** How the prices of a contract are written: by the desk's word on it, else as another month of the same market. */
export function priceStyleOf(
  {
    symbol,
    root,
    tickSize,
  }: { readonly symbol: string; readonly root?: string; readonly tickSize?: number | undefined },
  instruments: Instruments,
): PriceStyle | null {
  if (tickSize !== undefined) return { tickSize, priceFormat: 'decimal' };
  const known = instruments[symbol] ?? Object.values(instruments).find((instrument) => instrument.root === root);
  return known ?? null;
}

/** A price, or its ticks where nothing is known of the contract. */
export const priceOr = (style: PriceStyle | null, ticks: number): string =>
  style === null ? `${numberText(ticks, 0)} ticks` : priceText(style, ticks);

/** When a trade closed: "27 Aug 14:10", with the year where it is not this one. @param now epoch ms */
export function closedText(at: number, now: number): string {
  const day = year(at) === year(now) ? shortDay(at) : `${shortDay(at)} ${year(at)}`;
  return `${day} ${shortTime(at)}`;
}

/** "27 Aug 12:58 – 14:10", or both days where it was held over one. */
export function spanText(from: number, to: number, now: number): string {
  const start = closedText(from, now);
  return shortDay(from) === shortDay(to) && to - from < 86_400_000
    ? `${start} – ${shortTime(to)}`
    : `${start} – ${closedText(to, now)}`;
}

export const heldText = ({ entryAt, exitAt }: Pick<TradeRow, 'entryAt' | 'exitAt'>): string =>
  durationText(exitAt - entryAt);

/** True where a file carried no commission: its net is the gross. */
export const isGross = ({ isImported, fees }: Pick<TradeRow, 'isImported' | 'fees'>): boolean =>
  isImported && fees === 0;

/** What the net is made of. */
export const netDetail = (trade: Pick<TradeRow, 'gross' | 'fees' | 'isImported'>): string =>
  isGross(trade)
    ? `${signedMoneyText(trade.gross)} gross; the file names no fees, so net is gross`
    : `${signedMoneyText(trade.gross)} gross, ${moneyText(trade.fees)} fees`;

/** Whole dollars with a sign, for the excursions: cents there are noise. */
export const excursionText = (amount: Money | null): string => (amount === null ? DASH : signedMoneyText(amount, 0));

/** An excursion with its cents, and in planned risk where the trade had some. */
export function excursionDetail(amount: Money | null, plannedRisk: Money | null): string {
  if (amount === null) return 'No bar was recorded while it was on.';
  const inR = plannedRisk === null || plannedRisk === 0 ? '' : `, ${rText(amount / plannedRisk)}`;
  return `${signedMoneyText(amount)}${inR}, open and gross`;
}

/** Why a trade has no R. */
export const noR = 'No stop was planned when it was entered, so there is no R.';

/** "GCZ25 long 1". */
export const tradeName = ({
  symbol,
  direction,
  quantity,
}: Pick<TradeRow, 'symbol' | 'direction' | 'quantity'>): string =>
  `${contractName(symbol)} ${directionWord(direction).toLowerCase()} ${quantity}`;

export const toneOf = (value: number | null): 'gain' | 'loss' | false =>
  value === null || value === 0 ? false : value > 0 ? 'gain' : 'loss';

/** The account without the mark of an import. */
export const accountName = (account: string): string => account.replace(/^imported:/, '');

/** One figure over the list: its value, or a dash with the reason. */
export type SummaryFigure = {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  readonly tone?: 'gain' | 'loss' | false;
  readonly isUnknown?: boolean;
};

const unknown = (name: string, note: string): SummaryFigure => ({ name, value: DASH, note, isUnknown: true });

function outcomes({ wins, losses, flats }: TradeSummary): string {
  const flat = flats === 0 ? '' : `, ${countText(flats)} flat`;
  return `${countText(wins)} won, ${countText(losses)} lost${flat}`;
}

function payoff({ count, wins, losses, sumWins, sumLosses }: TradeSummary): SummaryFigure {
  if (count === 0) return unknown('Payoff in $', 'no trade');
  if (wins === 0 || losses === 0) return unknown('Payoff in $', wins === 0 ? 'no win yet' : 'no loss yet');
  const [win, loss] = [sumWins / wins, sumLosses / losses];
  const average = (units: number) => `$${numberText(units / MONEY_PER_USD, 0)}`;
  return { name: 'Payoff in $', value: ratioText(win / loss), note: `${average(win)} to ${average(loss)}` };
}

/** The strip over the list: what the trades of the filter come to. Ratios over nothing say why. */
export function summaryFigures(sums: TradeSummary): readonly SummaryFigure[] {
  const { count, wins, losses, gross, fees, net, sumR, countR, bestNet, worstNet } = sums;
  const decided = wins + losses;
  const onR = countR === count ? 'mean of all' : `mean of ${countText(countR)} with a stop`;
  const none = 'no trade';
  return [
    { name: 'Trades', value: countText(count), note: count === 0 ? none : outcomes(sums) },
    decided === 0
      ? unknown('Win rate', count === 0 ? none : 'none won or lost')
      : { name: 'Win rate', value: percentText(wins / decided, 1), note: `of ${countText(decided)} won or lost` },
    count === 0
      ? unknown('Net', none)
      : {
          name: 'Net',
          value: signedMoneyText(net),
          note: `${signedMoneyText(gross)} − ${moneyText(fees)} fees`,
          tone: toneOf(net),
        },
    countR === 0
      ? unknown('Expectancy', count === 0 ? none : 'none had a planned stop')
      : { name: 'Expectancy', value: rText(sumR / countR), note: onR, tone: toneOf(sumR) },
    payoff(sums),
    bestNet === null || worstNet === null
      ? unknown('Best, worst', none)
      : {
          name: 'Best, worst',
          value: signedMoneyText(bestNet, 0),
          note: `worst ${signedMoneyText(worstNet, 0)}`,
          tone: toneOf(bestNet),
        },
  ];
}
