import { Key } from '#renderer/src/ui/button.tsx';
import { countText, durationText } from '#shared/format/numbers.ts';
import { clockTime, dayDate } from '#renderer/src/ui/times.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { useClock } from '#renderer/src/store/clock.ts';
import { useNotices, useStatus } from '#renderer/src/store/status.ts';
import { openDialog } from '#renderer/src/store/ui.ts';
import css from './status-bar.module.css';

const cls = styler(css);

const KINDS = {
  simulation: 'Simulation',
  replay: 'Replay',
  paper: 'Paper account',
  live: 'Live account',
} as const;

function Identity() {
  const identity = useStatus((s) => s.identity);
  const needsRecovery = useStatus((s) => s.needsRecovery);
  if (identity === null) return <span>{needsRecovery ? 'Waiting for a journal' : 'Connecting to the desk'}</span>;
  const parts = [
    KINDS[identity.mode],
    identity.seed === null ? identity.account : `seed ${identity.seed}`,
    identity.mode === 'live' ? (identity.isArmed ? 'armed' : 'not armed') : 'not real money',
  ];
  return <span>{parts.join(' · ')}</span>;
}

function Time() {
  const now = useClock((s) => s.now);
  return (
    <span>
      {dayDate(now)} <b>{clockTime(now)} ET</b>
    </span>
  );
}

function Journal() {
  const journal = useStatus((s) => s.journal);
  if (journal === null) return null;
  return (
    <span>
      Journal <b>#{countText(journal.events)}</b> · {countText(journal.trades)} trades
    </span>
  );
}

function Uptime() {
  const startedAt = useStatus((s) => s.identity?.startedAt ?? null);
  const now = useClock((s) => s.now);
  // The time of a replay is that of its bars: how long the desk has been up is not told by it.
  const isReplay = useStatus((s) => s.identity?.mode === 'replay');
  if (startedAt === null || isReplay) return null;
  return (
    <span className={cls('wide')}>
      Desk up <b>{durationText(now - startedAt)}</b>
    </span>
  );
}

function NoticeButton() {
  const count = useNotices((s) => s.ids.length);
  const worst = useNotices((s) => s.ids.some((id) => s.byId[id]?.level === 'error'));
  if (count === 0) return null;
  return (
    <button type="button" className={cls('button', worst ? 'loss' : 'warn')} onClick={() => openDialog('notices')}>
      {count === 1 ? '1 notice' : `${count} notices`}
    </button>
  );
}

/** Where the data comes from, the time, the journal and the way to the keys. */
export function StatusBar() {
  return (
    <footer className={cls('foot')}>
      <div className={cls('bar')}>
        <Identity />
        <Time />
        <Journal />
        <Uptime />
        <span className={cls('right')}>
          <NoticeButton />
          <button
            type="button"
            className={cls('button')}
            aria-keyshortcuts="Control+K"
            onClick={() => openDialog('palette')}
          >
            <Key>Ctrl</Key>
            <Key>K</Key> commands
          </button>
          <button type="button" className={cls('button')} aria-keyshortcuts="?" onClick={() => openDialog('keys')}>
            <Key>?</Key> keys
          </button>
        </span>
      </div>
    </footer>
  );
}
