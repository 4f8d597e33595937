import type { ReactNode } from 'react';
import { Split } from '#renderer/src/ui/split.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { ActivityPanel } from './activity.tsx';
import { BottomPanels } from './bottom-panels.tsx';
import { BreakersPanel } from './breakers.tsx';
import css from './desk.module.css';
import { Hero } from './hero.tsx';
import { LadderPanel } from './ladder.tsx';
import { OpinionsPanel } from './opinions.tsx';
import { PriceChartPanel } from './price-chart.tsx';
import { QueuePanel } from './queue.tsx';
import { RiskPanel } from './risk.tsx';
import { StartupStrip } from './startup-strip.tsx';
import { useSizeClass } from './use-size-class.ts';
import { WhatIfDrawer } from './what-if.tsx';

const cls = styler(css);

const MEASURES = {
  compact: { left: 216, ladder: 398, ladderHeight: 392, bottom: 192 },
  regular: { left: 290, ladder: 530, ladderHeight: 440, bottom: 212 },
  wide: { left: 320, ladder: 560, ladderHeight: 480, bottom: 300 },
} as const;

function LeftColumn() {
  return (
    <div className={cls('left')}>
      <QueuePanel />
      <RiskPanel />
      <BreakersPanel />
      <ActivityPanel />
    </div>
  );
}

function Middle({ ladderWidth, id }: { readonly ladderWidth: number; readonly id: string }) {
  return (
    <Split
      {...{ id: `desk.middle.${id}`, orientation: 'horizontal', label: 'Width of the ladder' }}
      {...{ sized: 'first', size: ladderWidth, least: 380, leastRest: 320 }}
      first={<LadderPanel />}
      second={
        <div className={cls('right')}>
          <PriceChartPanel />
          <OpinionsPanel />
        </div>
      }
    />
  );
}

function Work({ children, id }: { readonly children: ReactNode; readonly id: keyof typeof MEASURES }) {
  const { bottom, ladderHeight } = MEASURES[id];
  return (
    <Split
      {...{ id: `desk.work.${id}`, orientation: 'vertical', label: 'Height of positions and orders' }}
      {...{ sized: 'second', size: bottom, least: 100, leastRest: ladderHeight }}
      first={children}
      second={<BottomPanels sizeClass={id} />}
    />
  );
}

/** The Desk: what to trade, how much, why that much, and what the account holds. */
export function DeskScreen() {
  const sizeClass = useSizeClass();
  const measures = MEASURES[sizeClass];
  return (
    <div className={cls('screen')} key={sizeClass}>
      <h1 className={cls('spoken')}>Desk</h1>
      <StartupStrip />
      <Split
        {...{ id: `desk.columns.${sizeClass}`, orientation: 'horizontal', label: 'Width of the left column' }}
        {...{ sized: 'first', size: measures.left, least: 200, most: 420, leastRest: 702 }}
        first={<LeftColumn />}
        second={
          <div className={cls('work')}>
            <Hero />
            <div className={cls('rest')}>
              <Work id={sizeClass}>
                <Middle ladderWidth={measures.ladder} id={sizeClass} />
              </Work>
              <WhatIfDrawer />
            </div>
          </div>
        }
      />
    </div>
  );
}
