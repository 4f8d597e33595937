import { useStatus } from '#renderer/src/store/status.ts';
import { ModeBadge } from '#renderer/src/ui/tag.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './settings.module.css';

const cls = styler(css);

/** Which profile this desk runs, and where it keeps what it knows. */
export function ProfileSection() {
  const identity = useStatus((s) => s.identity);
  if (identity === null) return null;
  const { profile, mode, account, journalPath, version, isArmed } = identity;
  const folder = journalPath.replace(/[/\\][^/\\]*$/, '');
  return (
    <div className={cls('form')}>
      <dl className={cls('facts')}>
        <dt>Profile</dt>
        <dd>{profile}</dd>
        <dt>Mode</dt>
        <dd>
          <ModeBadge mode={mode} /> {mode === 'live' && (isArmed ? 'armed' : 'not armed')}
        </dd>
        <dt>Account</dt>
        <dd className={cls('mono')}>{account}</dd>
        <dt>Journal</dt>
        <dd className={cls('mono')}>{journalPath}</dd>
        <dt>Data folder</dt>
        <dd className={cls('mono')}>{folder}</dd>
        <dt>Version</dt>
        <dd className={cls('mono')}>{version}</dd>
      </dl>
      <p className={cls('soft')}>
        A profile is one journal, one account and one set of connections. Data never mixes across profiles; another one
        is opened by starting the desk with it.
      </p>
    </div>
  );
}
