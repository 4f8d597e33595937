import type { JobKind } from '#shared/domain/backtest.ts';
import { KINDS, showKind, useBacktest } from '#renderer/src/store/backtest.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { TabLabel } from '#renderer/src/ui/tab-label.tsx';
import tabCss from '#renderer/src/ui/tab.module.css';
import css from './kinds.module.css';

const cls = styler({ ...tabCss, ...css });

export const KIND_NAMES = {
  policies: 'Backtest',
  'monte-carlo': 'Monte Carlo',
  'walk-forward': 'Walk-forward',
} as const satisfies Record<JobKind, string>;

/** The three kinds of run over the journal. What is chosen decides the settings and the list of runs. */
export function KindTabs() {
  const kind = useBacktest((s) => s.kind);
  return (
    <div className={cls('kinds')} role="group" aria-label="Kind of run">
      {KINDS.map((one) => (
        <button
          key={one}
          type="button"
          className={cls('tab', 'kind')}
          data-state={one === kind ? 'active' : 'inactive'}
          aria-pressed={one === kind}
          onClick={() => showKind(one)}
        >
          <TabLabel>{KIND_NAMES[one]}</TabLabel>
        </button>
      ))}
    </div>
  );
}
