import { useCallback, useMemo } from 'react';
import type { ReactNode } from 'react';
import { countText, DASH, rText } from '#shared/format/numbers.ts';
import type { PerformanceHistory, RBin } from '#shared/domain/performance-history.ts';
import { Empty, Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { fullest } from './histogram.ts';
import { binName, binReading, binX, histogramScene } from './histogram-scene.ts';
import { useSceneChart } from './scene-chart.tsx';
import type { BoxSize } from './use-box-size.ts';
import css from './distribution.module.css';

const cls = styler(css);

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
const outcomeText = ({ wins, losses, scratches }: PerformanceHistory['trades']): string =>
  `${countText(wins)} won, ${countText(losses)} lost${scratches === 0 ? '' : `, ${countText(scratches)} scratch`}`;

type Distribution = { readonly outcomes: string; readonly tools: ReactNode; readonly chart: ReactNode };

/** How many trades ended at which R; wins solid, losses hatched, the mean as a line. */
function useDistribution({ histogram: bins, trades }: PerformanceHistory): Distribution {
  const mean = trades.expectancy.value;
  const outcomes = outcomeText(trades);
  const draw = useCallback((size: BoxSize) => histogramScene({ bins, mean, size }), [bins, mean]);
  const reader = useMemo(
    () => ({
      label: 'Bars of the distribution of R',
      last: bins.length - 1,
      x: (index: number, plot: Parameters<typeof binX>[2]) => binX(bins, index, plot),
      at: (index: number) => binReading(bins, index),
    }),
    [bins],
  );
  const { tools, chart } = useSceneChart({
    ...{ title: 'R of every trade', note: outcomes, draw, reader },
    alternative: spoken(bins, mean),
    picture: 'kelly-desk-r-distribution.png',
    children: <BinTable bins={bins} />,
  });
  if (fullest(bins) !== null) return { outcomes, tools, chart: <div className={cls('holder')}>{chart}</div> };
  const empty = <Empty title="No closed trade yet">Each trade adds its R when it closes.</Empty>;
  return { outcomes, tools: null, chart: empty };
}

/** The distribution of R in a panel of its own. */
export function HistogramPanel({ history }: { readonly history: PerformanceHistory }) {
  const { outcomes, tools, chart } = useDistribution(history);
  return (
    <Panel id="distribution" title="R of every trade" note={outcomes} tools={tools} isGrowing>
      {chart}
    </Panel>
  );
}

/** The distribution of R in a tab: its lead stands where a panel has its header. */
export function HistogramTab({ history }: { readonly history: PerformanceHistory }) {
  const { outcomes, tools, chart } = useDistribution(history);
  return (
    <>
      <div className={cls('lead')}>
        <p>R of every trade: {outcomes}</p>
        <span>{tools}</span>
      </div>
      <div className={cls('rest')}>{chart}</div>
    </>
  );
}
