import { Tabs } from 'radix-ui';
import type { ReactNode } from 'react';
import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import { PERFORMANCE_VIEWS, showView, usePerformance } from '#renderer/src/store/performance.ts';
import type { PerformanceView } from '#renderer/src/store/performance.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { TabLabel } from '#renderer/src/ui/tab-label.tsx';
import tabCss from '#renderer/src/ui/tab.module.css';
import { MonthsView } from './months-view.tsx';
import { RollingView } from './rolling-view.tsx';
import { StatisticsView } from './statistics-view.tsx';
import { VerdictView } from './verdict-view.tsx';
import css from './views.module.css';

const cls = styler({ ...tabCss, ...css });

const NAMES = {
  books: 'Three books',
  verdict: 'Verdict',
  rolling: 'Rolling',
  months: 'Months and days',
  statistics: 'Statistics',
} as const satisfies Record<PerformanceView, string>;

const viewOf = (value: string): PerformanceView => PERFORMANCE_VIEWS.find((view) => view === value) ?? 'books';

/** The parts of the screen under the verdict. `books` is what opens first. */
export function Views({ history, books }: { readonly history: PerformanceHistory; readonly books: ReactNode }) {
  const view = usePerformance((s) => s.view);
  const contents = {
    books,
    verdict: <VerdictView verdict={history.verdict} />,
    rolling: <RollingView />,
    months: <MonthsView />,
    statistics: <StatisticsView history={history} />,
  } as const satisfies Record<PerformanceView, ReactNode>;
  return (
    <Tabs.Root className={cls('root')} value={view} onValueChange={(value) => showView(viewOf(value))}>
      <Tabs.List className={cls('tabList')} aria-label="Parts of the performance">
        {PERFORMANCE_VIEWS.map((name) => (
          <Tabs.Trigger key={name} className={cls('tab', 'tabRoom')} value={name}>
            <TabLabel>{NAMES[name]}</TabLabel>
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      <Tabs.Content className={cls('tabContent')} value={view} tabIndex={-1}>
        {contents[view]}
      </Tabs.Content>
    </Tabs.Root>
  );
}
