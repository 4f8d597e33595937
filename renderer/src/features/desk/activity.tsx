import { memo, useDeferredValue } from 'react';
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

const Line = memo(function Line({ item, isCompact }: { readonly item: Activity; readonly isCompact: boolean }) {
  return (
    <li className={cls('line')} title={item.text}>
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

/** The last journaled events in a few words, newest first. */
export function ActivityPanel() {
  // A new size is drawn first; the line that tells of it may come a moment later.
  const items = useDeferredValue(useActivity((s) => s.items));
  const isCompact = useSizeClass() === 'compact';
  return (
    <Panel id="activity" title="Activity" isGrowing>
      {items.length === 0 ? (
        <Empty title="Nothing has happened yet">Every recommendation, decision and fill is listed here.</Empty>
      ) : (
        <ol className={cls('list')} tabIndex={0} aria-label="Activity, newest first">
          {items.map((item) => (
            <Line key={item.seq} item={item} isCompact={isCompact} />
          ))}
        </ol>
      )}
    </Panel>
  );
}
