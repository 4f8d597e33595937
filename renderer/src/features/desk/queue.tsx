import { useShallow } from 'zustand/react/shallow';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { isOpen } from '#renderer/src/store/queue.ts';
import { useRecommendations } from '#renderer/src/store/recommendations.ts';
import { Key } from '#renderer/src/ui/button.tsx';
import { Empty, Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './queue.module.css';
import { MANY, QueueList } from './queue-list.tsx';
import { useSizeClass } from './use-size-class.ts';

const cls = styler(css);

function note(recommendations: readonly (Recommendation | undefined)[], isCompact: boolean): string {
  const known = recommendations.filter((r) => r !== undefined);
  const open = known.filter(isOpen).length;
  const zero = known.filter((r) => r.decision.contracts === 0).length;
  return isCompact ? `${open} to decide` : `${open} to decide, ${zero} at zero`;
}

/** What waits for a decision: sized first, then zero with its reason. */
export function QueuePanel() {
  const symbols = useRecommendations((s) => s.symbols);
  const recommendations = useRecommendations(useShallow((s) => s.symbols.map((symbol) => s.bySymbol[symbol])));
  const isCompact = useSizeClass() === 'compact';
  return (
    <div className={cls('queue', symbols.length >= MANY && 'many')}>
      <Panel
        id="queue"
        title={isCompact ? 'Queue' : 'Recommendations'}
        note={note(recommendations, isCompact)}
        {...(isCompact ? {} : { tools: <Hints /> })}
      >
        {symbols.length === 0 ? (
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
