import { useExecution } from '#renderer/src/store/execution.ts';
import { openDialog } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { sentence } from '#renderer/src/ui/words.ts';
import { latchText } from '#shared/wording/index.ts';
import css from './execution.module.css';

const cls = styler(css);

/** Breakers that have tripped and hold until they are armed again by hand. */
export function Latches() {
  const latches = useExecution((s) => s.view?.latches ?? null);
  if (latches === null || latches.length === 0) return null;
  return (
    <ul className={cls('latches')} aria-label="Breakers that hold">
      {latches.map((latch) => (
        <li key={latch.code} className={cls('latch')}>
          <span>{sentence(latchText(latch))}.</span>
          <Button size="small" onClick={() => openDialog('rearm', latch.code)}>
            Arm again
          </Button>
        </li>
      ))}
    </ul>
  );
}
