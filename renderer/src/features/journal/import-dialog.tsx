import { useRef, useState } from 'react';
import { Tabs } from 'radix-ui';
import type { ImportPreview, ImportReport } from '#shared/domain/import.ts';
import { countText } from '#shared/format/numbers.ts';
import { forgetImport, previewAgain, runImport, startImport, takeFile, useImport } from '#renderer/src/store/import.ts';
import { showOrigin } from '#renderer/src/store/journal.ts';
import { closeDialog, showScreen } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { Strip } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { TabLabel } from '#renderer/src/ui/tab-label.tsx';
import tabCss from '#renderer/src/ui/tab.module.css';
import { ImportAnswers } from './import-answers.tsx';
import { NotesTable, SampleTable } from './import-tables.tsx';
import { formatName, importBlocker, rangeText, resultText, rowsText } from './import-words.ts';
import css from './import.module.css';
import { accountName } from './trade-words.ts';

const cls = styler({ ...tabCss, ...css });

/** Leaves the dialog and the file in it. */
function close(): void {
  closeDialog();
  forgetImport();
}

function Choose() {
  const field = useRef<HTMLInputElement>(null);
  return (
    <div className={cls('choose')}>
      <p className={cls('chooseTitle')}>Drop a file here, or choose one</p>
      <p className={cls('quiet')}>
        What Tradovate, NinjaTrader, Sierra Chart, Interactive Brokers, TradingView, TopstepX, Rithmic and TradeNote
        export, or any CSV of executions. Nothing is written before you have seen the preview.
      </p>
      <Button variant="primary" onClick={() => field.current?.click()}>
        Choose a file
      </Button>
      <input
        ref={field}
        id="import-file"
        type="file"
        className={cls('file')}
        tabIndex={-1}
        aria-label="File to import"
        accept=".csv,.txt,.tsv,.json,.xml,.htm,.html,text/csv,text/plain"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file !== undefined) void takeFile(file);
        }}
      />
    </div>
  );
}

function Uploading() {
  const progress = useImport((s) => s.progress);
  const share = progress === null || progress.total === 0 ? 0 : progress.done / progress.total;
  const percent = Math.floor(share * 100);
  return (
    <div className={cls('uploading')} role="status">
      <p>Handing the file to the desk, {percent} %</p>
      <div
        className={cls('track')}
        role="progressbar"
        aria-label="File handed to the desk"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <span className={cls('bar')} style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}

function Count({
  name,
  value,
  tone,
}: {
  readonly name: string;
  readonly value: number;
  readonly tone?: 'loss' | 'warn';
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={cls(value > 0 ? tone : false, value === 0 && 'zero')}>{countText(value)}</dd>
    </div>
  );
}

function Counts({ preview }: { readonly preview: ImportPreview }) {
  const { added, known, skippedCount, errorCount, conflictCount } = preview;
  const range = rangeText(preview);
  const accounts = preview.accounts.map(accountName).join(', ');
  const parts = [
    rowsText(preview.rows),
    ...(range === null ? [] : [range]),
    ...(accounts === '' ? [] : [`account ${accounts}`]),
    ...(preview.symbols.length === 0 ? [] : [preview.symbols.join(', ')]),
  ];
  return (
    <>
      <dl className={cls('counts')}>
        <Count name="To add" value={added} />
        <Count name="Already journaled" value={known} />
        <Count name="Without an execution" value={skippedCount} />
        <Count name="Conflicts" value={conflictCount} tone="warn" />
        <Count name="Unreadable" value={errorCount} tone="loss" />
      </dl>
      <p className={cls('quiet')}>{parts.join(' · ')}</p>
    </>
  );
}

function Assumptions({ preview }: { readonly preview: ImportPreview }) {
  if (preview.assumptions.length === 0) return null;
  return (
    <section>
      <h3 className={cls('heading')}>Taken for granted</h3>
      <ul className={cls('assumptions')}>
        {preview.assumptions.map(({ code, text }) => (
          <li key={`${code} ${text}`}>{text}</li>
        ))}
      </ul>
    </section>
  );
}

const worst = ({ errorCount, conflictCount }: ImportPreview): string =>
  errorCount > 0 ? 'errors' : conflictCount > 0 ? 'conflicts' : 'sample';

function Rows({ preview }: { readonly preview: ImportPreview }) {
  const [tab, setTab] = useState<string | null>(null);
  const { sample, added, skipped, skippedCount, errors, errorCount, conflicts, conflictCount } = preview;
  const tabs = [
    { value: 'sample', label: 'To add', count: added },
    { value: 'errors', label: 'Unreadable', count: errorCount },
    { value: 'conflicts', label: 'Conflicts', count: conflictCount },
    { value: 'skipped', label: 'Left out', count: skippedCount },
  ].filter(({ value, count }) => count > 0 || value === 'sample');
  const shown = tabs.some(({ value }) => value === tab) ? tab : null;
  return (
    <Tabs.Root className={cls('rows')} value={shown ?? worst(preview)} onValueChange={setTab}>
      <Tabs.List className={cls('tabs')} aria-label="Rows of the file">
        {tabs.map(({ value, label, count }) => (
          <Tabs.Trigger key={value} className={cls('tab', 'tabRoom')} value={value}>
            <TabLabel>{`${label} ${countText(count)}`}</TabLabel>
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      <Tabs.Content value="sample" tabIndex={-1}>
        <SampleTable rows={sample} total={added} />
      </Tabs.Content>
      <Tabs.Content value="errors" tabIndex={-1}>
        <NotesTable label="Rows that could not be read" rows={errors} total={errorCount} />
      </Tabs.Content>
      <Tabs.Content value="conflicts" tabIndex={-1}>
        <NotesTable label="Rows that differ from the journal" rows={conflicts} total={conflictCount} />
      </Tabs.Content>
      <Tabs.Content value="skipped" tabIndex={-1}>
        <NotesTable label="Rows without an execution" rows={skipped} total={skippedCount} />
      </Tabs.Content>
    </Tabs.Root>
  );
}

function Failure() {
  const failure = useImport((s) => s.failure);
  const phase = useImport((s) => s.phase);
  const hasUpload = useImport((s) => s.uploadId !== null);
  if (failure === null) return null;
  return (
    <Strip
      tone="loss"
      title="That did not work."
      action={
        phase === 'ready' && hasUpload ? (
          <Button size="small" onClick={() => void previewAgain()}>
            Look again
          </Button>
        ) : undefined
      }
    >
      {failure} Importing a file twice adds nothing twice.
    </Strip>
  );
}

function Actions({ preview }: { readonly preview: ImportPreview }) {
  const phase = useImport((s) => s.phase);
  const blocker = importBlocker(preview);
  const isReady = phase === 'ready' && blocker === null;
  const wait = phase === 'importing' ? 'Importing…' : phase === 'previewing' ? 'Reading the file again…' : null;
  return (
    <div className={cls('actions')}>
      <span className={cls('reason', blocker !== null && wait === null && 'warn')} role="status" id="import-reason">
        {wait ?? blocker ?? 'Corrections later are new entries: nothing journaled is edited.'}
      </span>
      <Button onClick={startImport}>Another file</Button>
      <Button keys={['Esc']} onClick={close}>
        Cancel
      </Button>
      <Button
        variant="primary"
        aria-disabled={!isReady}
        aria-describedby="import-reason"
        onClick={() => void runImport()}
      >
        Import {countText(preview.added)}
      </Button>
    </div>
  );
}

function Preview({ preview }: { readonly preview: ImportPreview }) {
  const isBusy = useImport((s) => s.phase !== 'ready');
  return (
    <>
      <ImportAnswers preview={preview} />
      <div className={cls('found', isBusy && 'old')} aria-busy={isBusy}>
        <Counts preview={preview} />
        <Assumptions preview={preview} />
        <Rows preview={preview} />
      </div>
      <Actions preview={preview} />
    </>
  );
}

function Done({ report }: { readonly report: ImportReport }) {
  const { added, known, trades, preview } = report;
  const show = () => {
    close();
    showScreen('journal');
    showOrigin('imported');
  };
  return (
    <>
      <p className={cls('done')} role="status">
        ✓ {resultText(added, known)}
      </p>
      <p className={cls('quiet')}>
        {preview.fileName}
        {preview.format === null ? '' : `, ${formatName(preview.format)}`}. The journal holds {countText(trades)} closed
        trades of imported accounts. They are kept apart from this desk’s own account.
      </p>
      <div className={cls('actions')}>
        <Button onClick={startImport}>Another file</Button>
        <Button keys={['Esc']} onClick={close}>
          Close
        </Button>
        <Button variant="primary" onClick={show}>
          Show imported trades
        </Button>
      </div>
    </>
  );
}

/** From a file to a preview to the journal. Dropping another file on it starts over with that one. */
export function ImportDialog() {
  const { phase, fileName, preview, report } = useImport();
  const isWide = preview !== null && report === null;
  return (
    <Modal
      title={fileName === null ? 'Import' : `Import ${fileName}`}
      width={isWide ? 'huge' : 'narrow'}
      onClose={close}
    >
      <Failure />
      {phase === 'choosing' && <Choose />}
      {phase === 'uploading' && <Uploading />}
      {report === null && preview === null && phase === 'previewing' && (
        <p className={cls('quiet')} role="status">
          Reading the file
        </p>
      )}
      {report === null && preview !== null && <Preview preview={preview} />}
      {report !== null && <Done report={report} />}
    </Modal>
  );
}
