import { useExecution } from '#renderer/src/store/execution.ts';
import { openDialog } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { stripLines } from './comparison.ts';
import css from './execution.module.css';

const cls = styler(css);

/** What broker and journal do not agree on, on every screen until it is settled. */
export function SafetyStrip() {
  const view = useExecution((s) => s.view);
  const lines = view === null ? [] : stripLines(view);
  if (lines.length === 0) return null;
  return (
    <section className={cls('strip')} aria-label="Broker and journal" role="status">
      {lines.map(({ id, text, action }) => (
        <p key={id} className={cls('stripLine')}>
          <span className={cls('stripMark')} aria-hidden="true">
            ≠
          </span>
          {text}
          {action !== null && (
            <span className={cls('right')}>
              <Button size="small" onClick={() => openDialog(action)}>
                Review
              </Button>
            </span>
          )}
        </p>
      ))}
    </section>
  );
}
