import { useEffect, useState } from 'react';
import { useStatus } from '#renderer/src/store/status.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './performance.module.css';

const cls = styler(css);

const DELAY_MS = 150;
const TEXT = 'Reading the history of the three books';

function Lines({ count }: { readonly count: number }) {
  return Array.from({ length: count }, (_, i) => <span key={i} className={cls('line')} />);
}

function Rows({ count }: { readonly count: number }) {
  return Array.from({ length: count }, (_, i) => (
    <div key={i} className={cls('row')}>
      <span />
      <span />
      <span />
      <span />
    </div>
  ));
}

/** The screen's grid while its figures are read; nothing for the first 150 ms, so that a quick answer does not blink. */
export function PerformanceSkeleton() {
  const [isShown, setShown] = useState(false);
  const isLive = useStatus((s) => s.link === 'live');
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), DELAY_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return <div className={cls('screen')} />;
  const text = isLive ? TEXT : `${TEXT} waits for the desk to answer`;
  return (
    <div className={cls('screen')} role="status" aria-label={text}>
      <div className={cls('skeletonStrip')}>
        <span className={cls('block', 'wide')} aria-hidden="true" />
        <p className={cls('skeletonText')}>{text}</p>
      </div>
      <div className={cls('skeletonColumns')} aria-hidden="true">
        <div className={cls('column')}>
          <div className={cls('skeletonChart', 'tall')}>
            <Lines count={4} />
          </div>
          <div className={cls('skeletonChart')}>
            <Lines count={2} />
          </div>
          <div className={cls('skeletonTable')}>
            <Rows count={5} />
          </div>
        </div>
        <div className={cls('right', 'skeletonRight')}>
          <div className={cls('skeletonTable')}>
            <Rows count={14} />
          </div>
        </div>
      </div>
    </div>
  );
}
