import { memo, useCallback, useEffect, useRef } from 'react';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { useClock } from '#renderer/src/store/clock.ts';
import { isOpen } from '#renderer/src/store/queue.ts';
import { selectSymbol, useRecommendations } from '#renderer/src/store/recommendations.ts';
import { clearDraft, useUi } from '#renderer/src/store/ui.ts';
import { Countdown } from '#renderer/src/ui/countdown.tsx';
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

type RowProps = {
  readonly symbol: string;
  /** Its place among all rows, from 0. */
  readonly index: number;
  readonly count: number;
  /** True where all rows are equally high: one line of reason, the rest in the tooltip. */
  readonly isFixed: boolean;
};

type NameProps = { readonly symbol: string; readonly direction: ReturnType<typeof signalDirection> };

/** A market and its side, which another size does not change. */
const Name = memo(function Name({ symbol, direction }: NameProps) {
  return (
    <span className={cls('name')}>
      <b>{contractName(symbol)}</b> {directionSign(direction)} {directionWord(direction)}
    </span>
  );
});

/** Up to three digits have the room of the column at full height; more are set smaller, and none is cut. */
const figureClass = (size: number): string =>
  size > 99_999 ? 'tiny' : size > 9_999 ? 'small' : size > 999 ? 'long' : '';

/** One recommendation of the queue. */
export const QueueRow = memo(function QueueRow({ symbol, index, count, isFixed }: RowProps) {
  const recommendation = useRecommendations((s) => s.bySymbol[symbol]);
  const isSelected = useRecommendations((s) => s.selected === symbol);
  const isCompact = useSizeClass() === 'compact';
  const row = useRef<HTMLLIElement>(null);
  // The same one for every size: else each new size is a change of the row itself.
  const onClick = useCallback(() => choose(symbol), [symbol]);
  useEffect(() => {
    if (isSelected && !isFixed) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isSelected, isFixed]);
  if (recommendation === undefined) return null;
  const { decision } = recommendation;
  const open = isOpen(recommendation);
  const size = open ? decision.contracts : (recommendation.approvedContracts ?? decision.contracts);
  return (
    <li
      ref={row}
      id={`queue-${symbol}`}
      className={cls('row', isFixed && 'fixed', isSelected && 'selected', !open && 'closed')}
      role="option"
      aria-selected={isSelected}
      aria-setsize={count}
      aria-posinset={index + 1}
      onClick={onClick}
    >
      <span className={cls('size', size === 0 && 'zero')}>
        <span className={cls('figure', figureClass(size))}>{size}</span>
      </span>
      <Name symbol={symbol} direction={signalDirection(recommendation)} />
      <TimeLeft recommendation={recommendation} />
      <span className={cls('line')} title={isFixed ? queueLine(recommendation, false) : undefined}>
        {queueLine(recommendation, isCompact || isFixed)}
      </span>
    </li>
  );
});
