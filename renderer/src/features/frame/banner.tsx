import { useExecution } from '#renderer/src/store/execution.ts';
import { usePositions } from '#renderer/src/store/orders.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { openDialog } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { killText } from '#shared/wording/index.ts';
import { clockTime } from '#renderer/src/ui/times.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './app.module.css';

const cls = styler(css);

const protectedText = (open: number, withStop: number): string => {
  if (open === 0) return 'No position is open.';
  if (open === withStop)
    return open === 1 ? 'The open position keeps its stop.' : `${open} positions keep their stops.`;
  return `${withStop} of ${open} positions have a stop.`;
};

/** REDUCING, HALTED and live that waits to be armed: above all screens, with the trigger and the way back. */
export function Banner() {
  const state = useStatus((s) => s.risk?.tradingState ?? 'active');
  const reason = useStatus((s) => s.risk?.tradingStateReason ?? null);
  const since = useStatus((s) => s.risk?.tradingStateSince ?? null);
  const isUnarmed = useStatus((s) => s.identity?.mode === 'live' && !s.identity.isArmed);
  const open = usePositions((s) => s.symbols.length);
  const withStop = usePositions((s) => s.symbols.filter((symbol) => s.bySymbol[symbol]?.stop != null).length);
  const kill = useExecution((s) => s.view?.kill ?? null);
  if (state === 'active') return isUnarmed ? <Unarmed /> : null;
  const isHalted = state === 'halted';
  const why = (reason ?? 'A breaker tripped').replace(/\.$/, '');
  const cause = `${why}${since === null ? '' : ` at ${clockTime(since)}`}.`;
  return (
    <section className={cls('banner', isHalted ? 'bannerHalted' : 'bannerReducing')} aria-label="Trading state">
      <span className={cls('bannerWord')}>{isHalted ? '■ HALTED' : '◐ REDUCING'}</span>
      <span className={cls('bannerText')}>
        {cause} {isHalted ? 'No order that adds risk leaves the desk.' : 'Only orders that reduce risk leave the desk.'}{' '}
        {isHalted && kill !== null && kill.step !== 'idle' ? killText(kill) : protectedText(open, withStop)}
      </span>
      <span className={cls('bannerActions')}>
        {isHalted && (
          <Button variant="banner" onClick={() => openDialog('flatten-all')}>
            Flatten all …
          </Button>
        )}
        <Button variant="banner" onClick={() => openDialog('resume')}>
          Resume trading
        </Button>
      </span>
    </section>
  );
}

function Unarmed() {
  return (
    <section className={cls('banner', 'bannerReducing')} aria-label="Live trading is not armed">
      <span className={cls('bannerWord')}>LIVE, not armed</span>
      <span className={cls('bannerText')}>You can look and size; no order leaves until you type the account id.</span>
      <span className={cls('bannerActions')}>
        <Button variant="banner" onClick={() => openDialog('arm')}>
          Arm live trading
        </Button>
      </span>
    </section>
  );
}
