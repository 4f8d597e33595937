import { memo } from 'react';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import type { Ticks } from '#shared/units.ts';
import { useClock } from '#renderer/src/store/clock.ts';
import { useInstruments, useQuotes } from '#renderer/src/store/market.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { durationText, percentText, priceText, signedMoneyText } from '#shared/format/numbers.ts';
import { shownMoney } from '#renderer/src/ui/shown-money.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { staleFor } from './approval.ts';
import { atContracts } from './at-contracts.ts';
import css from './hero.module.css';

const cls = styler(css);

const BOUNDS = { exact: '', 'at-most': '≤ ', 'at-least': '≥ ' } as const;

type CellProps = {
  readonly label: string;
  readonly value: string;
  readonly tone?: string;
  /** How old the value is, where it is too old. */
  readonly age?: string;
};

const Cell = memo(function Cell({ label, value, tone = '', age }: CellProps) {
  return (
    <div className={cls('cell')}>
      <dt className={cls('label')}>
        {label}
        {age !== undefined && <span className={cls('age')}> ◷ {age}</span>}
      </dt>
      <dd className={cls('value', tone)}>{value}</dd>
    </div>
  );
});

const cellPrice = (value: Ticks | null, instrument: Instrument | undefined): string =>
  value === null || instrument === undefined ? '—' : priceText(instrument, value);

function LastCell({
  recommendation,
  instrument,
}: {
  readonly recommendation: Recommendation;
  readonly instrument: Instrument | undefined;
}) {
  const quote = useQuotes((s) => s.bySymbol[recommendation.symbol] ?? null);
  const config = useStatus((s) => s.config);
  const stale = useClock((s) => staleFor(quote, config, s.now));
  const text = cellPrice(quote?.last ?? null, instrument);
  if (stale === null) return <Cell label="Last" value={text} />;
  return <Cell label="Last" value={text} tone="stale" age={Number.isFinite(stale) ? durationText(stale) : 'never'} />;
}

/** Entry, last, stop, target, risk in money and share, heat and correlated after: at the chosen number of contracts. */
export function HeroCells({ recommendation }: { readonly recommendation: Recommendation }) {
  const instrument = useInstruments((s) => s.bySymbol[recommendation.symbol]);
  const draft = useUi((s) => (s.draft?.id === recommendation.id ? s.draft.contracts : null));
  const { decision } = recommendation;
  const heatNow = useStatus((s) => s.risk?.heat);
  const figures = atContracts(decision, draft ?? decision.contracts, heatNow);
  const cluster = figures.clusterAfter;
  return (
    <div className={cls('cells')}>
      <dl className={cls('pair')}>
        <Cell label="Entry limit" value={cellPrice(recommendation.entry, instrument)} />
        <LastCell recommendation={recommendation} instrument={instrument} />
      </dl>
      <dl className={cls('pair')}>
        <Cell label="Stop" tone="loss" value={cellPrice(recommendation.stop, instrument)} />
        <Cell label="Target" tone="gain" value={cellPrice(recommendation.target, instrument)} />
      </dl>
      <dl className={cls('pair', 'money')}>
        <Cell label="Risk at stop" value={signedMoneyText(shownMoney(-figures.risk))} />
        <Cell label="of equity" value={percentText(figures.riskFraction)} />
      </dl>
      <dl className={cls('pair', 'optional')}>
        <Cell label="Heat after" value={percentText(figures.heatAfter)} />
        <Cell
          label="Correlated after"
          value={cluster === null ? 'none' : `${BOUNDS[figures.clusterBound]}${percentText(cluster)}`}
        />
      </dl>
    </div>
  );
}
