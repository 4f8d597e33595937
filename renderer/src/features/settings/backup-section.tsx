import { useEffect, useState } from 'react';
import type { BackupFile, BackupsView } from '#shared/contract/backup-operations.ts';
import type { RecoveryCopy } from '#shared/contract/recovery-operations.ts';
import { countText, numberText } from '#shared/format/numbers.ts';
import { FolderButton } from '#renderer/src/features/recovery/folder-button.tsx';
import { backUpNow, backupsReading, checkBackup, restoreBackup, useBackups } from '#renderer/src/store/backups.ts';
import type { Check } from '#renderer/src/store/backups.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty, Skeleton, Strip } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { clockTime, dayDate } from '#renderer/src/ui/times.ts';
import shared from './settings.module.css';
import css from './backup.module.css';

const cls = styler({ ...shared, ...css });

const KINDS = { backup: 'Backup', standby: 'Standby' } as const;
const MEBIBYTE = 1_048_576;

const sizeText = (bytes: number): string => `${numberText(bytes / MEBIBYTE, 1)} MB`;
const timeText = (at: number): string => `${dayDate(at)}, ${clockTime(at)}`;

function stateText(check: Check | undefined): { readonly text: string; readonly tone: 'soft' | 'good' | 'error' } {
  if (check === undefined) return { text: '✓ verified when it was made', tone: 'soft' };
  if (check.kind === 'checking') return { text: 'Checking every page and link …', tone: 'soft' };
  if (check.kind === 'failed') return { text: check.message, tone: 'error' };
  const { fault, events } = check.copy;
  return fault === null
    ? { text: `✓ verified now: ${countText(events)} events`, tone: 'good' }
    : { text: `✕ ${fault}`, tone: 'error' };
}

type RowProps = { readonly file: BackupFile; readonly onRestore: () => void };

function Row({ file, onRestore }: RowProps) {
  const check = useBackups((s) => s.checks[file.name]);
  const { text, tone } = stateText(check);
  return (
    <tr>
      <th scope="row">
        {KINDS[file.kind]} <span className={cls('mono', 'soft')}>{file.name}</span>
      </th>
      <td>{timeText(file.at)}</td>
      <td className={cls('figure')}>{sizeText(file.bytes)}</td>
      <td className={cls(tone)}>{text}</td>
      <td>
        <span className={cls('buttons')}>
          <Button
            size="small"
            aria-label={`Check ${file.name}`}
            aria-disabled={check?.kind === 'checking'}
            onClick={() => void checkBackup(file.name)}
          >
            Check
          </Button>
          <Button size="small" aria-label={`Restore ${file.name} …`} onClick={onRestore}>
            Restore …
          </Button>
        </span>
      </td>
    </tr>
  );
}

const lossText = ({ lostEvents }: RecoveryCopy): string =>
  lostEvents === null
    ? 'events after it, as far as there are any'
    : lostEvents === 0
      ? 'nothing that was noted'
      : `${countText(lostEvents)} later events`;

/** Why the journal is not restored now, as far as this window can know; the desk itself knows the rest. */
function useHindrance(): string | null {
  const isLive = useStatus((s) => s.link === 'live');
  return isLive ? null : 'The desk is not there: nothing can be restored.';
}

function Preview({ copy }: { readonly copy: RecoveryCopy }) {
  return (
    <p>
      It brings back {countText(copy.events)} events, {countText(copy.decisions)} decisions and {countText(copy.trades)}{' '}
      trades, the last of {copy.lastAt === null ? 'no time' : timeText(copy.lastAt)}. Left behind:{' '}
      <strong>{lossText(copy)}</strong>.
    </p>
  );
}

/** The second step: what comes back, what stays behind, and that nothing is deleted. */
function Confirm({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const check = useBackups((s) => s.checks[name]);
  const isBusy = useUi((s) => s.busy[`restore:${name}`] === true);
  const failure = useUi((s) => s.failures[`restore:${name}`]);
  const hindrance = useHindrance();
  const why = failure ?? hindrance;
  const copy = check?.kind === 'checked' && check.copy.fault === null ? check.copy : null;
  return (
    <section className={cls('confirm')} aria-label={`Restore ${name}`}>
      <p>
        <strong>Restore {name}?</strong> The desk closes, puts it in the place of the journal and opens again. What is
        there now is kept beside it; nothing is deleted. It is refused while a position is open or an order works.
      </p>
      {copy === null ? <p className={cls(stateText(check).tone)}>{stateText(check).text}</p> : <Preview copy={copy} />}
      {why !== null && (
        <p role="alert" className={cls('error')}>
          {why}
        </p>
      )}
      <div className={cls('buttons')}>
        <Button
          variant="danger"
          aria-disabled={isBusy || copy === null || hindrance !== null}
          onClick={() => void restoreBackup(name)}
        >
          {isBusy ? 'Restoring …' : 'Restore this'}
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </section>
  );
}

function MakeNow({ problem }: { readonly problem: string | null }) {
  const isBusy = useUi((s) => s.busy['backup'] === true);
  const failure = useUi((s) => s.failures['backup']);
  const progress = useBackups((s) => s.progress);
  const isLive = useStatus((s) => s.link === 'live');
  const why = problem ?? (isLive ? null : 'The desk is not there.');
  const isCopied = progress !== null && progress.done >= progress.total;
  return (
    <div className={cls('make')}>
      <Button aria-disabled={isBusy || why !== null} onClick={() => void backUpNow()}>
        {isBusy ? 'Backing up …' : 'Back up now'}
      </Button>
      {isBusy && progress !== null && !isCopied && (
        <progress aria-label="Pages copied" value={progress.done} max={Math.max(1, progress.total)} />
      )}
      <span role="status" className={cls(failure === undefined ? 'soft' : 'error')}>
        {failure ??
          why ??
          (isBusy
            ? isCopied
              ? 'Copied; checking every page and link'
              : 'Copying the journal while it stays in use'
            : 'One is made by itself each day: the last 7 days and 4 weeks stay.')}
      </span>
    </div>
  );
}

function Loaded({ view }: { readonly view: BackupsView }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const isKnown = view.backups.some(({ name }) => name === chosen);
  const choose = (name: string): void => {
    setChosen(name);
    void checkBackup(name);
  };
  return (
    <div className={cls('form', 'wide')}>
      <MakeNow problem={view.problem} />
      {view.backups.length === 0 ? (
        <Empty title="There is no backup yet">The first one is made soon after the desk has started, or now.</Empty>
      ) : (
        <table className={cls('files')} aria-label="Backups">
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">Made</th>
              <th scope="col" className={cls('figure')}>
                Size
              </th>
              <th scope="col">State</th>
              <th scope="col">
                <span className={cls('spoken')}>Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {view.backups.map((file) => (
              <Row key={file.name} file={file} onRestore={() => choose(file.name)} />
            ))}
          </tbody>
        </table>
      )}
      {chosen !== null && isKnown && <Confirm name={chosen} onClose={() => setChosen(null)} />}
      <p className={cls('soft')}>
        The files are in <span className={cls('mono')}>{view.folder}</span>.{' '}
        {view.settings.length === 0
          ? 'The settings were never changed.'
          : `Versions of the settings kept there: ${countText(view.settings.length)}.`}
      </p>
      <div>
        <FolderButton folder={view.folder} />
      </div>
    </div>
  );
}

/** The backups of the journal: what there is, whether it is sound, another one now, and the way back to one. */
export function BackupSection() {
  const { value, failure } = backupsReading.use();
  const restored = useBackups((s) => s.restored);
  const isLive = useStatus((s) => s.link === 'live');
  useEffect(() => {
    if (!isLive) return;
    backupsReading.show('backups');
    backupsReading.refresh();
  }, [isLive]);
  if (restored !== null) {
    return (
      <div className={cls('form')}>
        <p role="status">{restored}</p>
        <div>
          <Button onClick={() => window.location.reload()}>Show the desk as it is now</Button>
        </div>
      </div>
    );
  }
  if (value !== null) return <Loaded view={value} />;
  if (failure === null) return <Skeleton rows={5} text="Reading the backups" />;
  return (
    <Strip
      tone="loss"
      title="The backups could not be read."
      action={
        <Button size="small" onClick={() => backupsReading.refresh()}>
          Try again
        </Button>
      }
    >
      {failure}
    </Strip>
  );
}
