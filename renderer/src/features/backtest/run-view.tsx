import { useState } from 'react';
import type { PoliciesRun } from '#shared/domain/backtest.ts';
import { countText, durationText, moneyText } from '#shared/format/numbers.ts';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { reproductionText } from './backtest-words.ts';
import { defaultSlots, toggleSlot } from './line-styles.ts';
import { PolicyCharts } from './policy-charts.tsx';
import { ResultsTable } from './results-table.tsx';
import { RunHeader, RunNotes, RunTools } from './run-header.tsx';
import type { Headline } from '#renderer/src/ui/headline.tsx';
import css from './run.module.css';

const cls = styler(css);

function cellsOf({ head, reproduction }: PoliciesRun): readonly Headline[] {
  return [
    { name: 'Your equity', value: moneyText(reproduction.journalEquity), note: 'realised, at the end' },
    {
      name: 'As it was live',
      value: moneyText(reproduction.policyEquity),
      note: reproduction.leftAt === null ? 'the same account' : `${countText(reproduction.overridden)} changed`,
    },
    { name: 'Took', value: durationText(head.durationMs), note: `${countText(head.policies.length)} policies` },
  ];
}

/** A stored run: what it was made from, every policy's figures, and the lines of six of them. */
export function RunView({ run, isCompact }: { readonly run: PoliciesRun; readonly isCompact: boolean }) {
  const [slots, setSlots] = useState(() => defaultSlots(run.policies));
  const [pointed, setPointed] = useState<string | null>(null);
  return (
    <div className={cls('view')} onPointerLeave={() => setPointed(null)}>
      <RunHeader head={run.head} cells={cellsOf(run)} />
      <div className={cls('results')}>
        <Panel
          id="backtest-results"
          title="Results"
          note={reproductionText(run)}
          tools={<RunTools runId={run.head.runId} />}
        >
          <ResultsTable
            {...{ run, slots, pointed, isCompact }}
            point={setPointed}
            toggle={(key) => setSlots((held) => toggleSlot(held, key))}
          />
        </Panel>
      </div>
      <PolicyCharts runId={run.head.runId} labels={run.policies} slots={slots} pointed={pointed} />
      <RunNotes notes={run.notes} />
    </div>
  );
}
