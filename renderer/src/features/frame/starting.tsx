import { retryNow } from '#renderer/src/store/link.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './app.module.css';

const cls = styler(css);

/** Before the first snapshot: what the window is waiting for. */
export function Starting() {
  const link = useStatus((s) => s.link);
  const loadError = useStatus((s) => s.loadError);
  const startup = useStatus((s) => s.startup);
  const isDown = link === 'disconnected';
  return (
    <div className={cls('starting')} role="status">
      <p className={cls('startingTitle')}>{isDown ? 'The desk is out of reach' : 'Opening the desk'}</p>
      <p className={cls('startingText')}>
        {loadError ??
          startup?.text ??
          (isDown ? 'This window tries again by itself.' : 'Reading the journal and the state of orders.')}
      </p>
      {isDown && <Button onClick={retryNow}>Retry now</Button>}
    </div>
  );
}
