import { Tabs } from 'radix-ui';
import type { ReactNode } from 'react';
import type { ModelsReport } from '#shared/domain/models.ts';
import { TabLabel } from '#renderer/src/ui/tab-label.tsx';
import tabCss from '#renderer/src/ui/tab.module.css';
import { styler } from '#renderer/src/ui/styler.ts';
import { AgreementContent } from './agreement-content.tsx';
import { LatencyContent } from './latency-content.tsx';
import { CalibrationContent } from './calibration-content.tsx';
import css from './models.module.css';
import { ScoresTable } from './scores-table.tsx';
import { StoppedContent } from './stopped-content.tsx';
import { UptimeContent } from './uptime-content.tsx';
import { VersionsContent } from './versions-content.tsx';
import { WeightsContent } from './weights-content.tsx';

const cls = styler({ ...tabCss, ...css });

type Tab = { readonly value: string; readonly name: string; readonly content: ReactNode };

const tabsOf = (report: ModelsReport, isCompact: boolean): readonly Tab[] => [
  { value: 'scores', name: 'Scores', content: <ScoresTable models={report.models} /> },
  {
    value: 'calibration',
    name: report.calibration.isDue ? 'Calibration: refit due' : 'Calibration',
    content: <CalibrationContent state={report.calibration} />,
  },
  { value: 'weights', name: 'Weights', content: <WeightsContent advice={report.weights} /> },
  { value: 'stopped', name: 'Stopped signals', content: <StoppedContent stopped={report.stopped} /> },
  { value: 'versions', name: 'Versions', content: <VersionsContent versions={report.versions} /> },
  ...(isCompact
    ? [
        { value: 'agreement', name: 'Agreement', content: <AgreementContent agreement={report.agreement} /> },
        { value: 'latency', name: 'Latency', content: <LatencyContent latency={report.latency} isTab /> },
        { value: 'uptime', name: 'Uptime', content: <UptimeContent uptime={report.uptime} isTab /> },
      ]
    : []),
];

/** What stands under the two pictures. */
export function LowerTabs({ report, isCompact }: { readonly report: ModelsReport; readonly isCompact: boolean }) {
  const tabs = tabsOf(report, isCompact);
  return (
    <Tabs.Root className={cls('tabs')} defaultValue="scores">
      <Tabs.List className={cls('tabList')} aria-label="Details of the models">
        {tabs.map(({ value, name }) => (
          <Tabs.Trigger key={value} className={cls('tab', 'tabRoom')} value={value}>
            <TabLabel>{name}</TabLabel>
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {tabs.map(({ value, content }) => (
        <Tabs.Content key={value} className={cls('tabContent')} value={value} tabIndex={-1}>
          {content}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}
