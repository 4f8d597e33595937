import { useEffect, useState } from 'react';
import { loadRecovery, recoveryTarget, restoreJournal, useRecovery } from '#renderer/src/store/recovery.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { FolderButton } from './folder-button.tsx';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty, Skeleton } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { clockTime, dayDate } from '#renderer/src/ui/times.ts';
import type { RecoveryCopy } from '#shared/contract/recovery-operations.ts';
import { countText } from '#shared/format/numbers.ts';
import css from './recovery.module.css';

const cls = styler(css);

const KINDS = { backup: 'Backup', standby: 'Standby' } as const;

const endText = ({ lastAt }: RecoveryCopy): string =>
  lastAt === null ? '—' : `${dayDate(lastAt)}, ${clockTime(lastAt)}`;

/** What a restore would leave behind, as far as it can be known. */
function lossText({ fault, lostEvents }: RecoveryCopy): string {
  if (fault !== null) return '—';
  if (lostEvents === null) return 'not known';
  return lostEvents === 0 ? 'nothing that was noted' : `at least ${countText(lostEvents)} later events`;
}

function CopyRow({ copy, onChoose }: { readonly copy: RecoveryCopy; readonly onChoose: () => void }) {
  const isSound = copy.fault === null;
  return (
    <tr>
      <th scope="row">
        {KINDS[copy.kind]} <span className={cls('name')}>{copy.name}</span>
      </th>
      <td>{endText(copy)}</td>
      <td className={cls('figure')}>{isSound ? countText(copy.events) : '—'}</td>
      <td className={cls('figure')}>{isSound ? countText(copy.trades) : '—'}</td>
      <td>{lossText(copy)}</td>
      <td>{isSound ? '✓ verified' : `✕ ${copy.fault ?? ''}`}</td>
      <td>
        {isSound && (
          <Button size="small" onClick={onChoose} aria-label={`Restore ${copy.name} …`}>
            Restore …
          </Button>
        )}
      </td>
    </tr>
  );
}

type ConfirmProps = { readonly copy: RecoveryCopy; readonly onCancel: () => void };

/** The second step: what comes back, what stays behind, and that nothing is deleted. */
function Confirm({ copy, onCancel }: ConfirmProps) {
  const target = recoveryTarget(copy.name);
  const isBusy = useUi((s) => s.busy[target] === true);
  const failure = useUi((s) => s.failures[target]);
  return (
    <section className={cls('confirm')} aria-label="Confirm the restore">
      <p>
        <strong>Restore {copy.name}?</strong> It brings back {countText(copy.events)} events and{' '}
        {countText(copy.trades)} trades, the last of {endText(copy)}. Left behind: {lossText(copy)}. The damaged file is
        kept beside it; nothing is deleted. The desk then compares with the broker before anything is sent.
      </p>
      {failure !== undefined && (
        <p role="alert" className={cls('failure')}>
          {failure}
        </p>
      )}
      <div className={cls('actions')}>
        <Button variant="primary" aria-disabled={isBusy} onClick={() => void restoreJournal(copy.name)}>
          {isBusy ? 'Restoring' : 'Restore this'}
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </section>
  );
}

function Copies({ copies }: { readonly copies: readonly RecoveryCopy[] }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const copy = copies.find(({ name }) => name === chosen);
  if (copies.length === 0) {
    return (
      <Empty title="There is no backup beside this journal">
        Copy one from elsewhere into the folder “backups”, or restore it with the words below.
      </Empty>
    );
  }
  return (
    <>
      <table className={cls('table')}>
        <thead>
          <tr>
            <th scope="col">Copy</th>
            <th scope="col">Last event</th>
            <th scope="col" className={cls('figure')}>
              Events
            </th>
            <th scope="col" className={cls('figure')}>
              Trades
            </th>
            <th scope="col">Left behind</th>
            <th scope="col">State</th>
            <th scope="col">Action</th>
          </tr>
        </thead>
        <tbody>
          {copies.map((one) => (
            <CopyRow key={one.name} copy={one} onChoose={() => setChosen(one.name)} />
          ))}
        </tbody>
      </table>
      {copy !== undefined && <Confirm copy={copy} onCancel={() => setChosen(null)} />}
    </>
  );
}

/** Shown instead of every screen while the journal is damaged: what is wrong, and every copy it can be restored from. */
export function RecoveryScreen() {
  const state = useRecovery((s) => s.state);
  const loadError = useRecovery((s) => s.loadError);
  const done = useRecovery((s) => s.done);
  useEffect(() => void loadRecovery(), []);
  const journal = state?.journal ?? null;
  if (done !== null) {
    return (
      <div className={cls('screen')} role="status">
        <h1>The desk is opening</h1>
        <p>{done}</p>
      </div>
    );
  }
  return (
    <div className={cls('screen')}>
      <h1>The journal cannot be opened</h1>
      {journal === null ? (
        <Skeleton rows={4} text={loadError ?? 'Checking every backup: pages, chain and counts'} />
      ) : (
        <>
          <p role="alert">
            {journal.problem} <strong>Nothing was changed, and no order is sent.</strong> Positions and orders at a
            broker are as they were; orders held by this program are not watched while this page stands.
          </p>
          <Copies copies={journal.copies} />
          <p className={cls('quiet')}>
            The files are in <code>{state?.folder}</code>. On the command line:{' '}
            <code>npm run desk -- journal restore &lt;backup&gt; {journal.path} --yes</code>
          </p>
          <div className={cls('actions')}>
            <FolderButton folder={state?.folder ?? ''} />
            <Button size="small" onClick={() => void loadRecovery()}>
              Look again
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
