import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import type { Statistic } from '#shared/domain/performance.ts';
import { countText, DASH, percentText, ratioText, rText } from '#shared/format/numbers.ts';
import { useConnections } from '#renderer/src/store/status.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './figures-row.module.css';

const cls = styler(css);

type FigureProps = {
  readonly name: string;
  readonly value: string;
  readonly reason?: string | null;
  readonly title?: string;
};

function Figure({ name, value, reason = null, title }: FigureProps) {
  return (
    <div className={cls('figure')} title={title}>
      <dt>{name}</dt>
      <dd className={cls('value')}>{value}</dd>
      {reason !== null && <dd className={cls('reason')}>{reason}</dd>}
    </div>
  );
}

const figure = (name: string, statistic: Statistic, write: (value: number | null) => string): FigureProps => ({
  name,
  value: statistic.value === null ? DASH : write(statistic.value),
  reason: statistic.value === null ? statistic.reason : null,
});

type Uptime = { readonly name: string; readonly uptime: number };

const lowestUptime = ({ byId, ids }: ReturnType<typeof useConnections.getState>): Uptime | null => {
  const known = ids.flatMap((id) => {
    const connection = byId[id];
    return connection === undefined || connection.uptime === null
      ? []
      : [{ name: connection.name, uptime: connection.uptime }];
  });
  return known.sort((a, b) => a.uptime - b.uptime)[0] ?? null;
};

/** Never reads as more than it was: 99.996 % is 99.99 %. */
const uptimeText = (uptime: number): string => percentText(uptime, 2, 'down');

/** The trades in six figures. Uptime is that of the connection that was away most. */
export function FiguresRow({ history }: { readonly history: PerformanceHistory }) {
  const { trades } = history;
  const connections = useConnections();
  const lowest = lowestUptime(connections);
  const rows: readonly FigureProps[] = [
    {
      ...figure('Win rate', trades.winRate, (x) => percentText(x, 1)),
      title: 'of the trades won or lost; scratches are left out',
    },
    { ...figure('Payoff in R', trades.payoff, ratioText), title: 'mean win over mean loss' },
    { ...figure('Profit factor', trades.profitFactor, ratioText), title: 'all wins over all losses' },
    { ...figure('Expectancy', trades.expectancy, rText), title: 'mean R of all trades' },
    { ...figure('SQN', trades.sqn, ratioText), title: 'system quality number: a t-statistic of R' },
    lowest === null
      ? { name: 'Uptime', value: DASH, reason: 'no connection yet' }
      : {
          name: 'Uptime',
          value: uptimeText(lowest.uptime),
          title: `lowest of all connections since start: ${lowest.name}`,
        },
  ];
  return (
    <div className={cls('row')}>
      <dl className={cls('figures')}>
        {rows.map((row) => (
          <Figure key={row.name} {...row} />
        ))}
      </dl>
      <p className={cls('base')}>
        all {countText(trades.trades)} trades
        <br />
        net of costs
      </p>
    </div>
  );
}
