import { useStatus } from '#renderer/src/store/status.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './startup-strip.module.css';

const cls = styler(css);

const STEPS = { opening: 1, 'warm-up': 2, syncing: 3, ready: 4 } as const;

/** What the desk is doing before it is ready, with its progress. Nothing can be approved meanwhile. */
export function StartupStrip() {
  const startup = useStatus((s) => s.startup);
  if (startup === null || startup.phase === 'ready') return null;
  const share = startup.total === 0 ? 0 : Math.min(1, startup.done / startup.total);
  const count =
    startup.total === 0 ? '' : `${startup.done.toLocaleString('en-US')} of ${startup.total.toLocaleString('en-US')}`;
  return (
    <div className={cls('strip')} role="status">
      <strong>Step {STEPS[startup.phase]} of 3.</strong>
      <span className={cls('text')}>{startup.text}</span>
      <span
        className={cls('progress')}
        role="progressbar"
        aria-label={startup.text}
        aria-valuemin={0}
        aria-valuemax={startup.total}
        aria-valuenow={startup.done}
      >
        <span className={cls('bar')} style={{ width: `${share * 100}%` }} />
      </span>
      <span className={cls('count')}>{count}</span>
    </div>
  );
}
