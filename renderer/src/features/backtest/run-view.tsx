import { useState } from 'react';
import type { PoliciesRun } from '#shared/domain/backtest.ts';
import { countText, durationText, moneyText } from '#shared/format/numbers.ts';
import verdict from '#renderer/src/features/performance/verdict-strip.module.css';
import { exportRun, startBacktest } from '#renderer/src/store/backtest.ts';
import type { ExportKind } from '#renderer/src/store/backtest.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { saveFile } from '#renderer/src/ui/save-file.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { requestDelete } from './backtest-keys.ts';
import { grownText, originText, rangeText, reproductionText } from './backtest-words.ts';
import { defaultSlots, toggleSlot } from './line-styles.ts';
import { PolicyCharts } from './policy-charts.tsx';
import { ResultsTable } from './results-table.tsx';
import css from './run.module.css';

const cls = styler({ ...verdict, ...css });

type CellProps = { readonly name: string; readonly value: string; readonly note: string };

function Cell({ name, value, note }: CellProps) {
  return (
    <div className={cls('cell')}>
      <dt>{name}</dt>
      <dd className={cls('value')}>{value}</dd>
      <dd className={cls('note')}>{note}</dd>
    </div>
  );
}

/** What the run is, what it was made from, and whether it still is the whole journal. */
function RunHeader({ run }: { readonly run: PoliciesRun }) {
  const { head, reproduction } = run;
  const events = useStatus((s) => s.journal?.events ?? null);
  const grown = grownText(head, events);
  return (
    <section className={cls('strip')} aria-labelledby="run-name">
      <div className={cls('words')}>
        <h2 id="run-name" className={cls('title')}>
          {head.name}
        </h2>
        <p className={cls('detail')}>
          {rangeText(head)} · {originText(head)}
        </p>
        {grown !== null && (
          <p className={cls('grown')}>
            <span aria-hidden="true">◷</span> {grown}{' '}
            <Button size="small" variant="quiet" onClick={() => void startBacktest()}>
              Run again
            </Button>
          </p>
        )}
      </div>
      <dl className={cls('cells')}>
        <Cell name="Your equity" value={moneyText(reproduction.journalEquity)} note="realised, at the end" />
        <Cell
          name="As it was live"
          value={moneyText(reproduction.policyEquity)}
          note={reproduction.leftAt === null ? 'the same account' : `${countText(reproduction.overridden)} changed`}
        />
        <Cell name="Took" value={durationText(head.durationMs)} note={`${countText(head.policies.length)} policies`} />
      </dl>
    </section>
  );
}

const FORMATS: readonly { readonly format: ExportKind; readonly label: string; readonly keys: readonly string[] }[] = [
  { format: 'html', label: 'Report', keys: ['E'] },
  { format: 'csv', label: 'CSV', keys: [] },
  { format: 'json', label: 'JSON', keys: [] },
];

function RunTools({ runId }: { readonly runId: string }) {
  const isWaiting = useUi((s) => s.pending?.kind === 'delete-run' && s.pending.target === runId);
  const busy = useUi((s) => s.busy);
  return (
    <>
      <span>export</span>
      {FORMATS.map(({ format, label, keys }) => (
        <Button
          key={format}
          size="small"
          variant="quiet"
          keys={keys}
          {...(keys.length === 0 ? {} : { 'aria-keyshortcuts': keys.join(' ') })}
          aria-disabled={busy[`export:${runId}:${format}`] === true}
          onClick={() => void exportRun(runId, format, saveFile)}
        >
          {label}
        </Button>
      ))}
      <Button
        size="small"
        variant={isWaiting ? 'danger' : 'quiet'}
        keys={[isWaiting ? '⏎' : 'D']}
        aria-keyshortcuts="D"
        onClick={() => requestDelete(runId)}
      >
        {isWaiting ? 'Enter to delete' : 'Delete'}
      </Button>
    </>
  );
}

/** A stored run: what it was made from, every policy's figures, and the lines of six of them. */
export function RunView({ run, isCompact }: { readonly run: PoliciesRun; readonly isCompact: boolean }) {
  const [slots, setSlots] = useState(() => defaultSlots(run.policies));
  const [pointed, setPointed] = useState<string | null>(null);
  return (
    <div className={cls('view')} onPointerLeave={() => setPointed(null)}>
      <RunHeader run={run} />
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
      <PolicyCharts run={run} slots={slots} pointed={pointed} />
      {run.notes.length > 0 && (
        <ul className={cls('notes')} aria-label="Notes on this run">
          {run.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
