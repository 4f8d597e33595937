import { useId } from 'react';
import { countText, DASH, rText, signedText } from '#shared/format/numbers.ts';
import { R_BIN, type PerformanceHistory, type RBin } from '#shared/domain/performance-history.ts';
import { Empty } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { Hatch } from './hatch.tsx';
import { axisOf, fullest, isOverflow, isUp } from './histogram.ts';
import { linearScale } from './scale.ts';
import { useBoxSize } from './use-box-size.ts';
import type { BoxSize } from './use-box-size.ts';
import css from './bars.module.css';

const cls = styler(css);

const TOP = 20;
const BOTTOM = 22;
const TICK_WIDTH = 34;

/** How a bar is named: "−0.75 to −0.50 R", "5 R and more". */
function binName({ from, to }: RBin): string {
  if (from === null) return `below ${signedText(to, 0)} R`;
  if (to === null) return `${signedText(from, 0)} R and more`;
  return `${signedText(from, 2)} to ${signedText(to, 2)} R`;
}

/** Where a bar begins on the axis; an overflow bar stands a little beyond its end. */
function leftOf({ from, to }: RBin): number {
  if (from === null) return (to ?? 0) - R_BIN * 1.25;
  return to === null ? from + R_BIN * 0.25 : from;
}

type BarsProps = {
  readonly bins: readonly RBin[];
  readonly mean: number | null;
  readonly size: BoxSize;
  readonly hatch: string;
};

/** Whole R on the axis; an overflow bar is marked with an arrow beyond the last one. */
function Ticks({
  low,
  high,
  x,
  y,
}: {
  readonly low: number;
  readonly high: number;
  readonly x: (r: number) => number;
  readonly y: number;
}) {
  const step = Math.ceil(TICK_WIDTH / Math.max(1, x(1) - x(0)));
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => low + i).filter((r) => r % step === 0);
  return ticks.map((r) => (
    <text key={r} className={cls('tick')} x={x(r)} y={y} textAnchor="middle">
      {signedText(r, 0)} R
    </text>
  ));
}

function Bars({ bins, mean, size, hatch }: BarsProps) {
  const { low, high } = axisOf(bins);
  // One more bar on each side for the overflow.
  const x = linearScale({ min: low - R_BIN * 1.5, max: high + R_BIN * 1.5 }, 0, size.width);
  const floor = size.height - BOTTOM;
  const y = linearScale({ min: 0, max: fullest(bins)?.count ?? 1 }, floor, TOP);
  const width = Math.max(1, x(R_BIN) - x(0) - 1);
  const clipped = mean === null ? 0 : Math.max(low, Math.min(high, mean));
  const isLate = x(clipped) > size.width - 90;
  return (
    <svg className={cls('histogram')} width={size.width} height={size.height} aria-hidden="true">
      {bins.map((bin) => (
        <g key={bin.from ?? 'below'}>
          <title>{`${binName(bin)}: ${countText(bin.count)}`}</title>
          <rect
            className={cls('bar', isUp(bin) ? 'up' : 'down')}
            x={x(leftOf(bin)) + 0.5}
            y={y(bin.count)}
            width={width}
            height={floor - y(bin.count)}
            {...(isUp(bin) ? {} : { fill: `url(#${hatch})` })}
            visibility={bin.count === 0 ? 'hidden' : undefined}
          />
          {isOverflow(bin) && (
            <text
              className={cls('countText')}
              x={x(leftOf(bin)) + width / 2}
              y={y(bin.count) - 4}
              textAnchor={isUp(bin) ? 'end' : 'start'}
            >
              {isUp(bin) ? `${countText(bin.count)} ›` : `‹ ${countText(bin.count)}`}
            </text>
          )}
        </g>
      ))}
      <path className={cls('baseline')} d={`M0 ${floor}H${size.width}`} />
      <Ticks low={low} high={high} x={x} y={size.height - 6} />
      {mean !== null && (
        <>
          <path className={cls('meanLine')} d={`M${x(clipped)} 4V${floor}`} />
          <text
            className={cls('meanText')}
            x={x(clipped) + (isLate ? -6 : 6)}
            y={13}
            textAnchor={isLate ? 'end' : 'start'}
          >
            mean {rText(mean)}
          </text>
        </>
      )}
    </svg>
  );
}

function BinTable({ bins }: { readonly bins: readonly RBin[] }) {
  return (
    <div className={cls('spoken')}>
      <table>
        <caption>R of every trade, by quarter of R</caption>
        <thead>
          <tr>
            <th scope="col">R</th>
            <th scope="col">Trades</th>
          </tr>
        </thead>
        <tbody>
          {bins
            .filter(({ count }) => count > 0)
            .map((bin) => (
              <tr key={bin.from ?? 'below'}>
                <th scope="row">{binName(bin)}</th>
                <td>{countText(bin.count)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}

function spoken(bins: readonly RBin[], mean: number | null): string {
  const most = fullest(bins);
  const peak = most === null ? '' : ` Most often ${binName(most)}, ${countText(most.count)} times.`;
  return `Distribution of R. Mean ${mean === null ? DASH : rText(mean)}.${peak}`;
}

/** Outcome counts for the panel's header: 211 won, 240 lost, 35 scratch. */
export const outcomeText = ({ wins, losses, scratches }: PerformanceHistory['trades']): string =>
  `${countText(wins)} won, ${countText(losses)} lost${scratches === 0 ? '' : `, ${countText(scratches)} scratch`}`;

/** How many trades ended at which R; wins solid, losses hatched, the mean as a line. */
export function HistogramContent({ history }: { readonly history: PerformanceHistory }) {
  const hatch = useId();
  const { ref, size } = useBoxSize();
  const bins = history.histogram;
  const mean = history.trades.expectancy.value;
  if (fullest(bins) === null) return <Empty title="No closed trade yet">Each trade adds its R when it closes.</Empty>;
  return (
    <>
      <Hatch id={hatch} />
      <div ref={ref} className={cls('holder')}>
        <div role="img" aria-label={spoken(bins, mean)}>
          {size !== null && size.width > 0 && <Bars bins={bins} mean={mean} size={size} hatch={hatch} />}
        </div>
        <BinTable bins={bins} />
      </div>
    </>
  );
}
