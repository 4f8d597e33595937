import { useEffect, useRef, useState } from 'react';
import type { ExportFormat, ExportKind } from '#shared/contract/journal-views.ts';
import { failureText } from '#renderer/src/store/actions.ts';
import { downloadFile } from '#renderer/src/store/files.ts';
import type { Progress } from '#renderer/src/store/files.ts';
import { useJournal } from '#renderer/src/store/journal.ts';
import { closeDialog, toast } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { Strip } from '#renderer/src/ui/panel.tsx';
import { saveFile } from '#renderer/src/ui/save-file.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { sentence } from '#renderer/src/ui/words.ts';
import css from './export-dialog.module.css';
import { Segments } from './fields.tsx';
import { filterText, tradeChips } from './filter-words.ts';

const cls = styler(css);

const KINDS: readonly { readonly value: ExportKind; readonly label: string; readonly text: string }[] = [
  { value: 'trades', label: 'Trades', text: 'Closed trades with their figures and your notes.' },
  { value: 'fills', label: 'Fills', text: 'Every execution, with its fees and keys.' },
  { value: 'decisions', label: 'Decisions', text: 'Every decision with its ladder and how it ended.' },
  {
    value: 'archive',
    label: 'Whole archive',
    text: 'All events of the journal, which the desk can read back and verify.',
  },
];

const FORMATS: readonly { readonly value: ExportFormat; readonly label: string }[] = [
  { value: 'csv', label: 'CSV' },
  { value: 'json', label: 'JSON' },
];

const formatFor = (what: ExportKind, format: ExportFormat): ExportFormat => (what === 'archive' ? 'json' : format);

/** One export at a time, given up when the dialog closes. */
function useRun() {
  const [progress, setProgress] = useState<Progress | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const work = useRef<AbortController | null>(null);
  useEffect(() => () => work.current?.abort(new Error('Given up.')), []);
  const run = async (request: Parameters<typeof downloadFile>[0]): Promise<void> => {
    if (progress !== null) return;
    const current = new AbortController();
    work.current = current;
    setFailure(null);
    setProgress({ done: 0, total: 0 });
    try {
      const { blob, fileName } = await downloadFile(request, { onProgress: setProgress, signal: current.signal });
      saveFile(blob, fileName);
      toast('info', `Exported ${fileName}.`);
      closeDialog();
    } catch (cause) {
      if (current.signal.aborted) return;
      setFailure(failureText(cause));
      setProgress(null);
    }
  };
  return { progress, failure, run };
}

const progressText = ({ done, total }: Progress): string =>
  total === 0 ? 'The desk is preparing the file…' : `Receiving the file, ${Math.floor((done / total) * 100)} %`;

/** Trades, fills and decisions as a table, or the whole journal. */
export function ExportDialog() {
  const filter = useJournal((s) => s.filter);
  const [what, setWhat] = useState<ExportKind>('trades');
  const [chosen, setFormat] = useState<ExportFormat>('csv');
  const [isFiltered, setFiltered] = useState(true);
  const { progress, failure, run } = useRun();
  const format = formatFor(what, chosen);
  const hasFilter = tradeChips(filter).length > 0;
  const canFilter = hasFilter && what !== 'archive';
  const send = () => void run({ what, format, filter: canFilter && isFiltered ? filter : { origin: 'all' } });
  return (
    <Modal title="Export" onClose={closeDialog}>
      {failure !== null && (
        <Strip tone="loss" title="The export did not work.">
          {failure}
        </Strip>
      )}
      <fieldset className={cls('kinds')}>
        <legend className={cls('legend')}>What</legend>
        {KINDS.map(({ value, label, text }) => (
          <label key={value} className={cls('kind', value === what && 'chosen')}>
            <input type="radio" name="export-kind" checked={value === what} onChange={() => setWhat(value)} />
            <span>
              <b>{label}</b> <span className={cls('quiet')}>{text}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {what !== 'archive' && <Segments label="As" value={format} choices={FORMATS} onChange={setFormat} />}
      {canFilter && (
        <label className={cls('check')}>
          <input type="checkbox" checked={isFiltered} onChange={(event) => setFiltered(event.target.checked)} />
          Only {what === 'trades' ? 'what the list shows' : 'what belongs to'}: {filterText(filter)}
        </label>
      )}
      <div className={cls('actions')}>
        <span className={cls('quiet')} role="status">
          {progress === null
            ? `${sentence(what === 'archive' ? 'one file with everything' : `${what} as ${format.toUpperCase()}`)}, to your downloads.`
            : progressText(progress)}
        </span>
        <Button keys={['Esc']} onClick={closeDialog}>
          Cancel
        </Button>
        <Button variant="primary" aria-disabled={progress !== null} onClick={send}>
          Export
        </Button>
      </div>
    </Modal>
  );
}
