import { memo, useEffect, useRef } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { useClock } from '#renderer/src/store/clock.ts';
import { isOpen } from '#renderer/src/store/queue.ts';
import { selectSymbol, useRecommendations } from '#renderer/src/store/recommendations.ts';
import { clearDraft, useUi } from '#renderer/src/store/ui.ts';
import { Key } from '#renderer/src/ui/button.tsx';
import { Countdown } from '#renderer/src/ui/countdown.tsx';
import { Empty, Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import {
  contractName,
  directionSign,
  directionWord,
  queueLine,
  queueTag,
  signalDirection,
} from '#renderer/src/ui/words.ts';
import css from './queue.module.css';
import { useSizeClass } from './use-size-class.ts';

const cls = styler(css);

function choose(symbol: string): void {
  if (useRecommendations.getState().selected !== symbol) clearDraft();
  useUi.setState({ list: 'queue' });
  selectSymbol(symbol);
}

function TimeLeft({ recommendation }: { readonly recommendation: Recommendation }) {
  const isPast = useClock((s) => s.now >= recommendation.expiresAt);
  if (!isOpen(recommendation)) return <span className={cls('tag')}>{queueTag(recommendation)}</span>;
  if (isPast) return <span className={cls('tag')}>expired</span>;
  return (
    <span className={cls('left')}>
      <Countdown from={recommendation.createdAt} until={recommendation.expiresAt} />
    </span>
  );
}

const QueueRow = memo(function QueueRow({ symbol }: { readonly symbol: string }) {
  const recommendation = useRecommendations((s) => s.bySymbol[symbol]);
  const isSelected = useRecommendations((s) => s.selected === symbol);
  const isCompact = useSizeClass() === 'compact';
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isSelected) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isSelected]);
  if (recommendation === undefined) return null;
  const { decision } = recommendation;
  const open = isOpen(recommendation);
  const direction = signalDirection(recommendation);
  const size = open ? decision.contracts : (recommendation.approvedContracts ?? decision.contracts);
  return (
    <li
      ref={row}
      id={`queue-${symbol}`}
      className={cls('row', isSelected && 'selected', !open && 'closed')}
      role="option"
      aria-selected={isSelected}
      onClick={() => choose(symbol)}
    >
      <span className={cls('size', size === 0 && 'zero')}>{size}</span>
      <span className={cls('name')}>
        <b>{contractName(symbol)}</b> {directionSign(direction)} {directionWord(direction)}
      </span>
      <TimeLeft recommendation={recommendation} />
      <span className={cls('line')}>{queueLine(recommendation, isCompact)}</span>
    </li>
  );
});

function note(recommendations: readonly (Recommendation | undefined)[], isCompact: boolean): string {
  const known = recommendations.filter((r) => r !== undefined);
  const open = known.filter(isOpen).length;
  const zero = known.filter((r) => r.decision.contracts === 0).length;
  return isCompact ? `${open} to decide` : `${open} to decide, ${zero} at zero`;
}

/** What waits for a decision: sized first, then zero with its reason. */
export function QueuePanel() {
  const symbols = useRecommendations((s) => s.symbols);
  const selected = useRecommendations((s) => s.selected);
  const recommendations = useRecommendations(useShallow((s) => s.symbols.map((symbol) => s.bySymbol[symbol])));
  const isCompact = useSizeClass() === 'compact';
  return (
    <div className={cls('queue')}>
      <Panel
        id="queue"
        title={isCompact ? 'Queue' : 'Recommendations'}
        note={note(recommendations, isCompact)}
        {...(isCompact ? {} : { tools: <Hints /> })}
      >
        {symbols.length === 0 ? (
          <Empty title="Nothing to decide">No signal yet. The models are asked again when the next bar closes.</Empty>
        ) : (
          <ul
            className={cls('list')}
            role="listbox"
            aria-label="Recommendations"
            tabIndex={0}
            aria-activedescendant={selected === null ? undefined : `queue-${selected}`}
            onFocus={() => useUi.setState({ list: 'queue' })}
          >
            {symbols.map((symbol) => (
              <QueueRow key={symbol} symbol={symbol} />
            ))}
          </ul>
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
