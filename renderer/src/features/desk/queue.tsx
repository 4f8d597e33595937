import { isOpen } from '#renderer/src/store/queue.ts';
import { useRecommendations } from '#renderer/src/store/recommendations.ts';
import type { RecommendationState } from '#renderer/src/store/recommendations.ts';
import { Key } from '#renderer/src/ui/button.tsx';
import { Empty, Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './queue.module.css';
import { MANY, QueueList } from './queue-list.tsx';
import { useSizeClass } from './use-size-class.ts';

const cls = styler(css);

function noteOf({ symbols, bySymbol }: RecommendationState, isCompact: boolean): string {
  const known = symbols.flatMap((symbol) => bySymbol[symbol] ?? []);
  const open = known.filter(isOpen).length;
  const zero = known.filter((r) => r.decision.contracts === 0).length;
  // A crowd leaves no room for both: what waits for the trader is told, and that there is more.
  if (known.length >= 100) return `${open} of ${known.length} to decide`;
  return isCompact ? `${open} to decide` : `${open} to decide, ${zero} at zero`;
}

/** What waits for a decision: sized first, then zero with its reason. */
export function QueuePanel() {
  const count = useRecommendations((s) => s.symbols.length);
  const isCompact = useSizeClass() === 'compact';
  // The words and not the rows: a figure that changes in one of hundreds draws that row alone.
  const note = useRecommendations((s) => noteOf(s, isCompact));
  return (
    <div className={cls('queue', count >= MANY && 'many')}>
      <Panel
        id="queue"
        title={isCompact ? 'Queue' : 'Recommendations'}
        note={note}
        {...(isCompact ? {} : { tools: <Hints /> })}
      >
        {count === 0 ? (
          <Empty title="Nothing to decide">No signal yet. The models are asked again when the next bar closes.</Empty>
        ) : (
          <QueueList />
        )}
      </Panel>
    </div>
  );
}

function Hints() {
  return (
    <>
      <Key>J</Key>
      <Key>K</Key>
    </>
  );
}
