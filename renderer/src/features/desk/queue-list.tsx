import { useEffect, useEffectEvent } from 'react';
import { useRowWindow } from '#renderer/src/features/journal/use-row-window.ts';
import { useRecommendations } from '#renderer/src/store/recommendations.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './queue.module.css';
import { QueueRow } from './queue-row.tsx';
import { useSizeClass } from './use-size-class.ts';

const cls = styler(css);

/** From here on only the rows on screen exist, and all are equally high. */
export const MANY = 100;
const ROW_HEIGHT = { compact: 38, regular: 44, wide: 44 } as const;
/** Rows kept beyond both edges, so that a step of the keyboard finds its row. */
const BEYOND = 4;

const takeFocus = (): void => useUi.setState({ list: 'queue' });

function WholeList({ symbols, selected }: { readonly symbols: readonly string[]; readonly selected: string | null }) {
  return (
    <ul
      className={cls('list')}
      role="listbox"
      aria-label="Recommendations"
      tabIndex={0}
      aria-activedescendant={selected === null ? undefined : `queue-${selected}`}
      onFocus={takeFocus}
    >
      {symbols.map((symbol, index) => (
        <QueueRow key={symbol} symbol={symbol} index={index} count={symbols.length} isFixed={false} />
      ))}
    </ul>
  );
}

/** Hundreds of rows: a window on them, which scrolls only for the trader and for the selection. */
function WindowedList({
  symbols,
  selected,
}: {
  readonly symbols: readonly string[];
  readonly selected: string | null;
}) {
  const rowHeight = ROW_HEIGHT[useSizeClass()];
  const { attach, ...view } = useRowWindow(symbols.length, rowHeight, 0);
  const follow = useEffectEvent(() => {
    const index = selected === null ? -1 : symbols.indexOf(selected);
    if (index >= 0) view.scrollTo(index);
  });
  useEffect(() => follow(), [selected, view.viewHeight]);
  const first = Math.max(0, view.window.first - BEYOND);
  const last = Math.min(symbols.length - 1, view.window.last + BEYOND);
  const shown = symbols.slice(first, last + 1);
  return (
    <div ref={attach} className={cls('scroller')} onScroll={view.onScroll}>
      <ul
        className={cls('list')}
        style={{ height: symbols.length * rowHeight, paddingTop: first * rowHeight }}
        role="listbox"
        aria-label="Recommendations"
        tabIndex={0}
        aria-activedescendant={selected !== null && shown.includes(selected) ? `queue-${selected}` : undefined}
        onFocus={takeFocus}
      >
        {shown.map((symbol, i) => (
          <QueueRow key={symbol} symbol={symbol} index={first + i} count={symbols.length} isFixed />
        ))}
      </ul>
    </div>
  );
}

/** The rows of the queue, in its order. */
export function QueueList() {
  const symbols = useRecommendations((s) => s.symbols);
  const selected = useRecommendations((s) => s.selected);
  return symbols.length < MANY ? (
    <WholeList symbols={symbols} selected={selected} />
  ) : (
    <WindowedList symbols={symbols} selected={selected} />
  );
}
