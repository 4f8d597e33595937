import type { TradeSample } from '#shared/domain/sizing.ts';
import { epochMs, money } from '#shared/units.ts';
import { contractSpec, underlyingRoot } from '#desk/engine/futures/contract-table.ts';
import type { Case, Tape, TradePoint } from './tape.ts';

const DAY_MS = 86_400_000;

/** The trades of one scope inside a look-back, counted as estimates need them. */
export type SampleWindow = {
  readonly sample: Omit<TradeSample, 'scope' | 'from'>;
  /** Net R of each, oldest first, scratches included. */
  readonly returnsR: readonly number[];
};

/** Narrow to wide: the market (mini and micro together), its asset group, all. */
export type ScopeWindows = Readonly<Record<TradeSample['scope'], SampleWindow>>;

/** Own closed trades in a look-back, counted again only when the window's trades change. Time only moves forward. */
export interface SampleWindows {
  of(item: Case, lookBackDays: number, scratchR: number): ScopeWindows;
}

function count(trades: readonly TradePoint[], scratchR: number): SampleWindow {
  let [wins, losses, scratches, sumWinR, sumLossR, lossMoney, lossContracts] = [0, 0, 0, 0, 0, 0, 0];
  const returnsR: number[] = [];
  for (const { r, net, quantity } of trades) {
    if (r === null) continue;
    returnsR.push(r);
    if (Math.abs(r) <= scratchR) scratches += 1;
    else if (r > 0) {
      wins += 1;
      sumWinR += r;
    } else {
      losses += 1;
      sumLossR -= r;
      lossMoney -= net;
      lossContracts += quantity;
    }
  }
  // Rounded up: the capital one contract stands for is never understated.
  const averageLossPerContract = lossContracts === 0 ? null : money(Math.ceil(lossMoney / lossContracts));
  return { sample: { wins, losses, scratches, sumWinR, sumLossR, averageLossPerContract }, returnsR };
}

type Series = {
  readonly trades: readonly TradePoint[];
  low: number;
  high: number;
  counted: SampleWindow | null;
};

/** Returns the windows of one walk over a tape; of a trade they know nothing before it has closed. */
export function createSampleWindows(tape: Pick<Tape, 'trades'>): SampleWindows {
  const series = new Map<string, Series>();
  const seriesOf = (key: string, belongs: (trade: TradePoint) => boolean): Series => {
    const known = series.get(key);
    if (known !== undefined) return known;
    const made: Series = { trades: tape.trades.filter(belongs), low: 0, high: 0, counted: null };
    series.set(key, made);
    return made;
  };
  const windowOf = (
    one: Series,
    span: { readonly from: number; readonly to: number },
    scratchR: number,
  ): SampleWindow => {
    const { trades } = one;
    const [low, high] = [one.low, one.high];
    while ((trades[one.high]?.exitAt ?? Infinity) < span.to) one.high += 1;
    while (one.low < one.high && (trades[one.low]?.exitAt ?? Infinity) < span.from) one.low += 1;
    if (one.counted === null || one.low !== low || one.high !== high) {
      one.counted = count(trades.slice(one.low, one.high), scratchR);
    }
    return one.counted;
  };
  return {
    of: ({ at, snapshot }, lookBackDays, scratchR) => {
      const { root, group } = snapshot.instrument;
      const underlying = underlyingRoot(root);
      const span = { from: at - lookBackDays * DAY_MS, to: at };
      const suffix = ` ${lookBackDays} ${scratchR}`;
      const window = (key: string, belongs: (trade: TradePoint) => boolean): SampleWindow =>
        windowOf(seriesOf(key + suffix, belongs), span, scratchR);
      // An average loss per contract only means something within one contract size.
      const own = window(`own ${root}`, (trade) => trade.root === root);
      const { averageLossPerContract } = own.sample;
      const sized = ({ sample, returnsR }: SampleWindow): SampleWindow => ({
        sample: { ...sample, averageLossPerContract },
        returnsR,
      });
      return {
        root: sized(window(`root ${underlying}`, (trade) => underlyingRoot(trade.root) === underlying)),
        group: sized(window(`group ${group}`, (trade) => contractSpec(trade.root)?.group === group)),
        all: sized(window('all', () => true)),
      };
    },
  };
}

/** The windows as the samples of a snapshot. */
export const samplesOf = (windows: ScopeWindows, at: number, lookBackDays: number): TradeSample[] =>
  (['root', 'group', 'all'] as const).map((scope) => ({
    ...windows[scope].sample,
    scope,
    from: epochMs(at - lookBackDays * DAY_MS),
  }));
