import { Tabs } from 'radix-ui';
import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { TabLabel } from '#renderer/src/ui/tab-label.tsx';
import tabCss from '#renderer/src/ui/tab.module.css';
import { Tag } from '#renderer/src/ui/tag.tsx';
import { HistogramTab } from './histogram-panel.tsx';
import { OverridesContent } from './overrides-panel.tsx';
import { VerdictContent } from './verdict-panel.tsx';
import { verdictWords } from './verdict-words.ts';
import { verdictsOf } from './verdict.ts';
import css from './tabs.module.css';

const cls = styler({ ...tabCss, ...css });

/** The right column of a small window. */
export function PerformanceTabs({ history }: { readonly history: PerformanceHistory }) {
  const verdicts = verdictsOf(history.verdict);
  const { tag } = verdictWords(verdicts.verdict);
  return (
    <Tabs.Root className={cls('tabs')} defaultValue="verdict">
      <Tabs.List className={cls('list')} aria-label="Verdict, overrides and R">
        <Tabs.Trigger className={cls('tab', 'tabRoom')} value="verdict">
          <TabLabel>Verdict</TabLabel>
        </Tabs.Trigger>
        <Tabs.Trigger className={cls('tab', 'tabRoom')} value="overrides">
          <TabLabel>Overrides</TabLabel>
        </Tabs.Trigger>
        <Tabs.Trigger className={cls('tab', 'tabRoom')} value="r">
          <TabLabel>R</TabLabel>
        </Tabs.Trigger>
        <span className={cls('state')}>
          <Tag tone={tag.tone}>{tag.text}</Tag>
        </span>
      </Tabs.List>
      <Tabs.Content className={cls('content')} value="verdict" tabIndex={-1}>
        <VerdictContent verdicts={verdicts} />
      </Tabs.Content>
      <Tabs.Content className={cls('content')} value="overrides" tabIndex={-1}>
        <p className={cls('lead')}>Value of your overrides against the recommendation</p>
        <OverridesContent overrides={history.overrides} />
      </Tabs.Content>
      <Tabs.Content className={cls('content', 'distribution')} value="r" tabIndex={-1}>
        <HistogramTab history={history} />
      </Tabs.Content>
    </Tabs.Root>
  );
}
