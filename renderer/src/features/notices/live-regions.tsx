import { useEffect, useState } from 'react';
import { useActivity, useStatus } from '#renderer/src/store/status.ts';
import type { Activity } from '#shared/domain/status.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './notices.module.css';

const cls = styler(css);

const SPOKEN: ReadonlySet<Activity['kind']> = new Set(['filled', 'closed', 'order-rejected', 'in-doubt', 'denied']);

/** Says fills politely and a change of the trading state at once. Ticks are silent. */
export function LiveRegions() {
  const [line, setLine] = useState('');
  const state = useStatus((s) => s.risk?.tradingState ?? 'active');
  const reason = useStatus((s) => s.risk?.tradingStateReason ?? null);
  useEffect(() => {
    let lastSeq = useActivity.getState().items[0]?.seq ?? -1;
    return useActivity.subscribe(({ items }) => {
      const fresh = items.filter((item) => item.seq > lastSeq && SPOKEN.has(item.kind));
      lastSeq = items[0]?.seq ?? lastSeq;
      if (fresh.length > 0) setLine(fresh.map((item) => `${item.symbol ?? ''} ${item.text}`).join('. '));
    });
  }, []);
  return (
    <div className={cls('spoken')}>
      <div aria-live="polite">{line}</div>
      <div role="alert" aria-live="assertive">
        {state === 'active' ? '' : `Trading is ${state}. ${reason ?? ''}`}
      </div>
    </div>
  );
}
