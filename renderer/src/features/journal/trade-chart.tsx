import { useCallback, useEffect, useMemo, useState } from 'react';
import type { TradeRow } from '#shared/contract/journal-views.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { priceText } from '#shared/format/numbers.ts';
import type { PriceStyle } from '#shared/format/numbers.ts';
import { ticks } from '#shared/units.ts';
import type { CandleChart } from '#renderer/src/chart/candle-chart.ts';
import type { ChartMark } from '#renderer/src/chart/candle-data.ts';
import { CandleTools, CandleView } from '#renderer/src/chart/candle-view.tsx';
import type { BarRange } from '#renderer/src/chart/candle-view.tsx';
import type { ChartPlan, PlanLine } from '#renderer/src/chart/plan-primitive.ts';
import { loadTradeBars } from '#renderer/src/store/trade-bars.ts';
import type { TradeBars } from '#renderer/src/store/trade-bars.ts';
import { useInstruments } from '#renderer/src/store/market.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { contractName } from '#renderer/src/ui/words.ts';
import css from './detail.module.css';
import { priceStyleOf, spanText, tradeName } from './trade-words.ts';

const cls = styler(css);

const MINUTE_MS = 60_000;

/** The fills as they were, and the stop and target as they were planned. */
export function tradePlan(trade: TradeRow, decision: Recommendation | null, style: PriceStyle): ChartPlan {
  const line = (kind: PlanLine['kind'], value: number | null, label: string): readonly PlanLine[] =>
    value === null ? [] : [{ kind, price: value * style.tickSize, label, axisText: priceText(style, ticks(value)) }];
  return {
    lines: [
      ...line('target', decision?.target ?? null, 'Target'),
      ...line('stop', decision?.stop ?? null, 'Stop'),
      ...line('entry', trade.entryPrice, 'Entry'),
    ],
    last: { price: trade.exitPrice * style.tickSize, axisText: priceText(style, trade.exitPrice) },
    zone: { from: trade.entryAt, to: trade.exitAt },
  };
}

/** Arrows at the bars of the fills: up buys, down sells. Their prices are told beside the chart. */
export function tradeMarks({ direction, quantity, entryAt, exitAt }: TradeRow): readonly ChartMark[] {
  const mark = (at: number, side: 1 | -1): ChartMark => ({
    at,
    direction: side,
    text: `${side > 0 ? '+' : '−'}${quantity}`,
  });
  return [mark(entryAt, direction), mark(exitAt, direction === 1 ? -1 : 1)];
}

type CandleProps = {
  readonly trade: TradeRow;
  readonly decision: Recommendation | null;
  readonly bars: readonly Bar[];
  readonly style: PriceStyle;
};

/** The stretches of a trade's chart: the trade with a little around it, or all that was read. */
const rangesOf = ({ entryAt, exitAt }: TradeRow): readonly BarRange<'trade' | 'all'>[] => {
  const around = Math.max(MINUTE_MS * 3, (exitAt - entryAt) * 0.15);
  return [
    { name: 'trade', text: 'Trade', spoken: 'The trade alone', span: () => [entryAt - around, exitAt + around] },
    { name: 'all', text: 'All', spoken: 'All bars around the trade', span: () => [0, Infinity] },
  ];
};

function Candles({ trade, decision, bars, style }: CandleProps) {
  const [chart, onChart] = useState<CandleChart | null>(null);
  const feed = useCallback(
    (created: CandleChart) => {
      created.setBars(bars);
      created.setMarks(tradeMarks(trade));
      created.show(0, Infinity);
      return () => undefined;
    },
    [bars, trade],
  );
  useEffect(() => chart?.setPlan(tradePlan(trade, decision, style)), [chart, trade, decision, style]);
  const ranges = useMemo(() => rangesOf(trade), [trade]);
  const name = `Price chart of ${contractName(trade.symbol)} around the trade, entry ${priceText(style, trade.entryPrice)}, exit ${priceText(style, trade.exitPrice)}`;
  const title = tradeName(trade);
  return (
    <>
      <div className={cls('tools')}>
        {chart !== null && (
          <CandleTools
            {...{ chart, style, ranges, title, symbol: `${trade.symbol}-${trade.id}`, first: 'all' }}
            note={spanText(trade.entryAt, trade.exitAt, trade.exitAt)}
          />
        )}
      </div>
      <div className={cls('chart')}>
        <CandleView {...{ name, style, feed, chart, onChart }} />
      </div>
    </>
  );
}

/** The bars the trade was made in, with its fills. Says so where none were recorded. */
export function TradeChart({ trade, decision }: Pick<CandleProps, 'trade' | 'decision'>) {
  const instruments = useInstruments((s) => s.bySymbol);
  const style = priceStyleOf(trade, instruments);
  const [read, setRead] = useState<TradeBars | null>(null);
  const { symbol, entryAt, exitAt } = trade;
  useEffect(() => {
    let isOver = false;
    void loadTradeBars({ symbol, entryAt, exitAt }).then((bars) => {
      if (!isOver) setRead(bars);
    });
    return () => {
      isOver = true;
    };
  }, [symbol, entryAt, exitAt]);
  if (read === null) return <div className={cls('chart', 'waiting')} />;
  if (read.kind === 'failed') return <p className={cls('noChart')}>No chart: {read.message}</p>;
  if (read.bars.length === 0)
    return <p className={cls('noChart')}>No chart: no bars were recorded around this trade.</p>;
  if (style === null) return <p className={cls('noChart')}>No chart: the tick size of {symbol} is not known.</p>;
  return <Candles trade={trade} decision={decision} bars={read.bars} style={style} />;
}
