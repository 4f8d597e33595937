import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import type { CandleChart } from '#renderer/src/chart/candle-chart.ts';
import { CandleTools, CandleView } from '#renderer/src/chart/candle-view.tsx';
import type { BarRange } from '#renderer/src/chart/candle-view.tsx';
import type { ChartPlan, PlanLine } from '#renderer/src/chart/plan-primitive.ts';
import { afterFrames, createBurst } from '#renderer/src/store/burst.ts';
import { useClock } from '#renderer/src/store/clock.ts';
import { loadBars } from '#renderer/src/store/actions.ts';
import { useBars, useInstruments, useQuotes } from '#renderer/src/store/market.ts';
import type { BarSeries } from '#renderer/src/store/market.ts';
import { moveLine, resetLines, shownNow, useIsMoved, usePlanDraft } from '#renderer/src/store/plan-draft.ts';
import { isOpen } from '#renderer/src/store/queue.ts';
import { selectedOf, useRecommendations } from '#renderer/src/store/recommendations.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { staleFor } from './approval.ts';
import { chartPlan } from './chart-plan.ts';
import css from './price-chart.module.css';
import { useSizeClass } from './use-size-class.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { durationText } from '#shared/format/numbers.ts';
import { Empty, Panel, Skeleton, Strip } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';

const cls = styler(css);

const standing = (symbol: string): Recommendation | undefined => useRecommendations.getState().bySymbol[symbol];

function currentPlan(symbol: string, instrument: Instrument): ChartPlan {
  const recommendation = standing(symbol);
  const shown = recommendation === undefined ? undefined : shownNow(recommendation);
  return chartPlan(shown, instrument, useQuotes.getState().bySymbol[symbol]?.last ?? null);
}

const LINES = ['entry', 'stop', 'target'] as const;

/** Lines can be dragged while the proposal is open. */
function movableLines(symbol: string): readonly PlanLine['kind'][] {
  const recommendation = standing(symbol);
  return recommendation !== undefined && isOpen(recommendation) ? LINES : [];
}

function dragTo(symbol: string, kind: PlanLine['kind'], price: number): void {
  const recommendation = standing(symbol);
  if (recommendation !== undefined && isOpen(recommendation)) moveLine(recommendation, kind, price);
}

/** Made outside of the component, whose renders were given the chart before. */
const dragging = (symbol: string) => ({
  movable: () => movableLines(symbol),
  onLineMoved: (kind: PlanLine['kind'], price: number) => dragTo(symbol, kind, price),
});

/** From one picture of what came from the desk to the next, ms. */
const DRAWN_APART_MS = 100;
/** The answer of the desk and what explains it have a frame each before; a price has come with its proposal by then. */
const FRAMES_BEFORE = 2;

/** Feeds a chart from the stores, outside React; the result stops it. */
function feedChart(chart: CandleChart, instrument: Instrument): () => void {
  const { symbol } = instrument;
  const drawBars = (series: BarSeries | undefined) => {
    if (series?.kind === 'ready') chart.setBars(series.bars);
  };
  const drawPlan = () => chart.setPlan(currentPlan(symbol, instrument));
  // A picture of the whole chart is dear: prices and new proposals wait for each other, a line under the hand does not.
  const followed = createBurst<null>(drawPlan, {
    frames: afterFrames(FRAMES_BEFORE),
    apartMs: () => DRAWN_APART_MS,
  });
  drawBars(useBars.getState().bySymbol[symbol]);
  drawPlan();
  const stops = [
    useBars.subscribe((state, before) => {
      if (state.bySymbol[symbol] !== before.bySymbol[symbol]) drawBars(state.bySymbol[symbol]);
    }),
    useQuotes.subscribe((state, before) => {
      if (state.bySymbol[symbol] !== before.bySymbol[symbol]) followed.add(null);
    }),
    useRecommendations.subscribe((state, before) => {
      if (state.bySymbol[symbol] !== before.bySymbol[symbol]) followed.add(null);
    }),
    usePlanDraft.subscribe((state, before) => {
      if (state.change !== before.change) drawPlan();
    }),
  ];
  return () => {
    followed.clear();
    stops.forEach((stop) => stop());
  };
}

type ChartProps = {
  readonly instrument: Instrument;
  readonly chart: CandleChart | null;
  readonly onChart: (chart: CandleChart | null) => void;
};

function Candles({ instrument, chart, onChart }: ChartProps) {
  const feed = useCallback((created: CandleChart) => feedChart(created, instrument), [instrument]);
  const drag = useMemo(() => dragging(instrument.symbol), [instrument]);
  return (
    <CandleView {...{ chart, onChart, feed, drag }} style={instrument} name={`Price chart of ${instrument.symbol}`} />
  );
}

const HOUR = 3_600_000;

/** The last bars of a chart: so long, or all it has. */
const newest = (ms: number) => (shown: CandleChart) => [(shown.bars().at(-1)?.closeAt ?? 0) - ms, null] as const;

const RANGES: readonly BarRange<'1h' | '3h' | 'all'>[] = [
  { name: '1h', text: '1 h', spoken: 'Last hour', span: newest(HOUR) },
  { name: '3h', text: '3 h', spoken: 'Last three hours', span: newest(3 * HOUR) },
  { name: 'all', text: 'All', spoken: 'All bars', span: newest(Infinity) },
];

function Content({ instrument, ...shown }: ChartProps) {
  const { symbol } = instrument;
  const kind = useBars((s) => s.bySymbol[symbol]?.kind ?? null);
  const message = useBars((s) => {
    const series = s.bySymbol[symbol];
    return series?.kind === 'failed' ? series.message : null;
  });
  const isEmpty = useBars((s) => {
    const series = s.bySymbol[symbol];
    return series?.kind === 'ready' && series.bars.length === 0;
  });
  useEffect(() => {
    if (kind === null) void loadBars(symbol);
  }, [symbol, kind]);
  if (message !== null) {
    return (
      <>
        <Strip
          tone="loss"
          title="No chart."
          action={
            <Button size="small" onClick={() => void loadBars(symbol)}>
              Try again
            </Button>
          }
        >
          {message}
        </Strip>
        <Empty title="Sizing and orders still work">Only the picture is missing.</Empty>
      </>
    );
  }
  if (kind !== 'ready') return <Skeleton rows={6} text={`Reading the bars of ${symbol}`} />;
  if (isEmpty) return <Empty title="No bars yet">The first one appears when it closes.</Empty>;
  return <Candles instrument={instrument} {...shown} />;
}

function LineTools() {
  const id = useRecommendations((s) => selectedOf(s)?.id ?? '');
  const isMoved = useIsMoved(id);
  if (!isMoved) return null;
  return (
    <Button size="small" onClick={() => resetLines(id)}>
      Lines as recommended
    </Button>
  );
}

/** What the bars are, and what can be done with the lines. */
function noteText(mode: string | null, isMovable: boolean): string {
  const bars = mode === 'simulation' ? '1 min · simulated' : mode === 'replay' ? 'replay' : '1 min';
  return isMovable ? `${bars} · drag a line to re-size` : bars;
}

/** What the bars are; how old the last price is, once it is too old to size on. */
function Note({ symbol, text }: { readonly symbol: string | undefined; readonly text: string }) {
  const quote = useQuotes((s) => (symbol === undefined ? null : (s.bySymbol[symbol] ?? null)));
  const config = useStatus((s) => s.config);
  const stale = useClock((s) => (quote === null ? null : staleFor(quote, config, s.now)));
  if (stale === null) return text;
  return <strong className={cls('stale')}>◷ last price {durationText(stale)} old</strong>;
}

function NoChart({ symbol }: { readonly symbol: string | null }) {
  if (symbol === null) return <Empty title="No symbol selected">The chart follows the selected recommendation.</Empty>;
  return <Empty title="No chart">The desk has no contract {symbol} in its table, and no prices of it.</Empty>;
}

/** The price of the selected symbol with the entry, stop and target of its plan. */
export function PriceChartPanel() {
  // What is drawn of it follows outside React: one proposal after the other of a symbol has the same panel.
  const symbol = useRecommendations((s) => selectedOf(s)?.symbol ?? null);
  const instrument = useInstruments((s) => (symbol === null ? undefined : s.bySymbol[symbol]));
  const mode = useStatus((s) => s.identity?.mode ?? null);
  const [chart, onChart] = useState<CandleChart | null>(null);
  const isMovable = useRecommendations((s) => {
    const selected = selectedOf(s);
    return selected !== null && isOpen(selected);
  });
  const title = instrument?.symbol ?? 'Price';
  const isCompact = useSizeClass() === 'compact';
  const note = instrument === undefined ? '' : noteText(mode, isMovable && !isCompact);
  return (
    <Panel
      id="chart"
      title={title}
      note={<Note symbol={instrument?.symbol} text={note} />}
      tools={
        <>
          {isMovable && <LineTools />}
          {instrument !== undefined && chart !== null && (
            <CandleTools
              key={instrument.symbol}
              {...{ chart, title, note, symbol: instrument.symbol, style: instrument, ranges: RANGES, first: null }}
            />
          )}
        </>
      }
      isGrowing
    >
      {instrument === undefined ? <NoChart symbol={symbol} /> : <Content {...{ instrument, chart, onChart }} />}
    </Panel>
  );
}
