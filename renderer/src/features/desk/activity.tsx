import { memo, useDeferredValue, useEffect, useRef, useState } from 'react';
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

/** Lines that are there at first, and that of them whose sight brings the others. */
const [FIRST, TURNING] = [30, 20];

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
 * The lines, newest first. A list of a hundred lines costs every frame of the desk a tenth, so those far below come when
 * the trader goes there.
 */
function Lines({ items }: { readonly items: readonly Activity[] }) {
  const isCompact = useSizeClass() === 'compact';
  const list = useRef<HTMLOListElement>(null);
  const [isWhole, setIsWhole] = useState(false);
  const turning = items[TURNING]?.seq;
  useEffect(() => {
    const line = list.current?.children[TURNING];
    if (isWhole || line === undefined) return;
    const seen = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setIsWhole(true);
    });
    seen.observe(line);
    return () => seen.disconnect();
  }, [isWhole, turning]);
  return (
    <ol ref={list} className={cls('list')} tabIndex={0} aria-label="Activity, newest first">
      {(isWhole ? items : items.slice(0, FIRST)).map((item, place) => (
        <Line key={item.seq} item={item} isCompact={isCompact} isLater={place >= FIRST} />
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
