import { memo } from 'react';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { isOpen } from '#renderer/src/store/queue.ts';
import { useExplained } from '#renderer/src/store/explained.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { Gauge } from '#renderer/src/ui/gauge.tsx';
import { countText, percentText } from '#shared/format/numbers.ts';
import { Panel, Skeleton } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { atContracts } from './at-contracts.ts';
import css from './risk.module.css';

const cls = styler(css);

type RowProps = {
  readonly label: string;
  readonly value: number | null;
  readonly after: number | null;
  readonly limit: number;
  readonly detail: string;
};

const GaugeRow = memo(function GaugeRow({ label, value, after, limit, detail }: RowProps) {
  const reading = value === null ? 'none' : percentText(value);
  const isOver = value !== null && value > limit;
  return (
    <div className={cls('row')}>
      <div className={cls('head')}>
        <span className={cls('label')}>{label}</span>
        <span>
          <b>{reading}</b> <span className={cls('limit')}>of {percentText(limit, 0)}</span>
          {isOver && <b className={cls('over')}> over</b>}
        </span>
      </div>
      <Gauge label={label} value={value} after={after} limit={limit} text={`${reading} of ${percentText(limit, 0)}`} />
      <p className={cls('detail')} title={detail}>
        {detail}
      </p>
    </div>
  );
});

const roomText = (recommendation: Recommendation): string => {
  const wall = recommendation.decision.walls.find((w) => w.code === 'heat');
  return wall === undefined ? '' : `; room for ${countText(wall.allowed)} ${recommendation.root}`;
};

/** Heat and correlated exposure against their limits, and what the selected recommendation would make of them. */
export function RiskPanel() {
  const risk = useStatus((s) => s.risk);
  const selected = useExplained();
  const proposal = selected !== null && isOpen(selected) ? selected : null;
  if (risk === null) {
    return (
      <Panel id="risk" title="Portfolio risk">
        <Skeleton rows={2} text="Reading the account" />
      </Panel>
    );
  }
  const clusterAfter = proposal?.decision.clusterAfter ?? null;
  const heatAfter =
    proposal === null ? null : atContracts(proposal.decision, proposal.decision.contracts, risk.heat).heatAfter;
  const partners = risk.clusterRoots.join(' with ');
  return (
    <Panel id="risk" title="Portfolio risk" tools={<Legend />}>
      <div className={cls('rows')}>
        <GaugeRow
          label="Heat"
          value={risk.heat}
          after={heatAfter}
          limit={risk.heatLimit}
          detail={
            proposal === null
              ? 'loss if every stop is hit'
              : `after approval ${percentText(heatAfter)}${roomText(proposal)}`
          }
        />
        <GaugeRow
          label="Correlated"
          value={risk.cluster}
          after={clusterAfter}
          limit={risk.clusterLimit}
          detail={
            clusterAfter !== null
              ? `after approval ${percentText(clusterAfter)}`
              : partners === ''
                ? 'no correlated pair is held'
                : partners
          }
        />
      </div>
    </Panel>
  );
}

function Legend() {
  return (
    <span className={cls('legend')}>
      <span className={cls('hatch')} aria-hidden="true" /> if approved
    </span>
  );
}
