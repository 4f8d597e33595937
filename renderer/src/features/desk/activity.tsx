import { memo, useDeferredValue, useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';
import type { Activity } from '#shared/domain/status.ts';
import { useActivity } from '#renderer/src/store/status.ts';
import { signedMoneyText } from '#shared/format/numbers.ts';
import { clockTime, shortTime } from '#renderer/src/ui/times.ts';
import { Empty, Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { activityText, activityWord, contractName } from '#renderer/src/ui/words.ts';
import css from './activity.module.css';
import { useSizeClass } from './use-size-class.ts';

const cls = styler(css);

/** Height of a line of one row, in px. */
const LINE_PX = 21;
/** Lines drawn below those in sight. */
const BEYOND = 4;
/** From this line on those out of sight are neither laid out nor painted. */
const LATER = 40;

type LineProps = { readonly item: Activity; readonly isCompact: boolean; readonly isLater: boolean };

const Line = memo(function Line({ item, isCompact, isLater }: LineProps) {
  return (
    <li className={cls('line', isLater && 'later')} title={item.text}>
      <time className={cls('time')} dateTime={new Date(item.at).toISOString()}>
        {isCompact ? shortTime(item.at) : clockTime(item.at)}
      </time>
      <span className={cls('kind')}>{activityWord(item.kind)}</span>
      <span className={cls('text')}>
        {item.symbol !== null && <b>{contractName(item.symbol)}</b>} {activityText(item, isCompact)}{' '}
        {item.pnl !== null && (
          <span className={cls('pnl', item.pnl < 0 ? 'loss' : 'gain')}>{signedMoneyText(item.pnl)}</span>
        )}
      </span>
    </li>
  );
});

/**
 * How many lines there are to draw: those in sight and some beyond, and all once the last of these comes in sight, until
 * the trader is back at the newest.
 */
function useLinesDrawn(list: RefObject<HTMLOListElement | null>, newest: number | undefined): number {
  /** Null until the height of the box is known: a line is not out of sight before. */
  const [least, setLeast] = useState<number | null>(null);
  useEffect(() => {
    const box = list.current?.parentElement;
    if (box === null || box === undefined) return;
    const sized = new ResizeObserver(() => setLeast(Math.ceil(box.clientHeight / LINE_PX) + BEYOND));
    sized.observe(box);
    return () => sized.disconnect();
  }, [list]);
  const [isWhole, setIsWhole] = useState(false);
  useEffect(() => {
    const box = list.current?.parentElement;
    if (!isWhole || box === null || box === undefined) return;
    const onScroll = (): void => {
      if (box.scrollTop === 0) setIsWhole(false);
    };
    box.addEventListener('scroll', onScroll);
    return () => box.removeEventListener('scroll', onScroll);
  }, [list, isWhole]);
  useEffect(() => {
    const line = least === null ? undefined : list.current?.children[least - 1];
    if (isWhole || line === undefined) return;
    const seen = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setIsWhole(true);
    });
    seen.observe(line);
    return () => seen.disconnect();
  }, [list, isWhole, least, newest]);
  return isWhole ? Infinity : (least ?? BEYOND);
}

/**
 * The lines, newest first. In a flood all of them are new at once, and a list of a hundred costs a frame twice its time:
 * those far below come when the trader goes there.
 */
function Lines({ items }: { readonly items: readonly Activity[] }) {
  const isCompact = useSizeClass() === 'compact';
  const list = useRef<HTMLOListElement>(null);
  const drawn = useLinesDrawn(list, items[0]?.seq);
  return (
    <ol ref={list} className={cls('list')} tabIndex={0} aria-label="Activity, newest first">
      {items.slice(0, drawn).map((item, place) => (
        <Line key={item.seq} item={item} isCompact={isCompact} isLater={place >= LATER} />
      ))}
    </ol>
  );
}

/** The last journaled events in a few words, newest first. */
export function ActivityPanel() {
  // A new size is drawn first; the line that tells of it may come a moment later.
  const items = useDeferredValue(useActivity((s) => s.items));
  return (
    <Panel id="activity" title="Activity" isGrowing>
      {items.length === 0 ? (
        <Empty title="Nothing has happened yet">Every recommendation, decision and fill is listed here.</Empty>
      ) : (
        <Lines items={items} />
      )}
    </Panel>
  );
}
