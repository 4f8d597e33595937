import type { RunHead } from '#shared/domain/backtest.ts';
import { exportRun, startBacktest } from '#renderer/src/store/backtest.ts';
import type { ExportKind } from '#renderer/src/store/backtest.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import verdict from '#renderer/src/ui/headline.module.css';
import { HeadlineCell } from '#renderer/src/ui/headline.tsx';
import type { Headline } from '#renderer/src/ui/headline.tsx';
import { saveFile } from '#renderer/src/ui/save-file.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { requestDelete } from './backtest-keys.ts';
import { grownText, originText, rangeText } from './backtest-words.ts';
import css from './run.module.css';

const cls = styler({ ...verdict, ...css });

type HeaderProps = {
  readonly head: RunHead;
  /** How it was asked for, where the name does not say. */
  readonly setup?: string;
  readonly cells: readonly Headline[];
};

/** What the run is, what it was made from, and whether it still is the whole journal. */
export function RunHeader({ head, setup, cells }: HeaderProps) {
  const events = useStatus((s) => s.journal?.events ?? null);
  const grown = grownText(head, events);
  return (
    <section className={cls('strip', setup !== undefined && 'roomy')} aria-labelledby="run-name">
      <div className={cls('words')}>
        <h2 id="run-name" className={cls('title')}>
          {head.name}
        </h2>
        <p className={cls('detail')}>
          {setup === undefined ? '' : `${setup} · `}
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
        {cells.map((cell) => (
          <HeadlineCell key={cell.name} {...cell} />
        ))}
      </dl>
    </section>
  );
}

const FORMATS: readonly { readonly format: ExportKind; readonly label: string; readonly keys: readonly string[] }[] = [
  { format: 'html', label: 'Report', keys: ['E'] },
  { format: 'csv', label: 'CSV', keys: [] },
  { format: 'json', label: 'JSON', keys: [] },
];

/** Exports of a run, and its end. */
export function RunTools({ runId }: { readonly runId: string }) {
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

/** What the reader of a run should know before believing it. */
export function RunNotes({ notes }: { readonly notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <ul className={cls('notes')} aria-label="Notes on this run">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}
