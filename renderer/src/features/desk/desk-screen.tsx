import type { ReactNode } from 'react';
import { Group, Panel as Pane, useDefaultLayout } from 'react-resizable-panels';
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
import { Splitter } from './splitter.tsx';
import { StartupStrip } from './startup-strip.tsx';
import { useSizeClass } from './use-size-class.ts';
import { WhatIfDrawer } from './what-if.tsx';

const cls = styler(css);

const MEASURES = {
  compact: { left: 216, ladder: 398, ladderHeight: 392, bottom: 192 },
  regular: { left: 290, ladder: 530, ladderHeight: 440, bottom: 212 },
  wide: { left: 320, ladder: 560, ladderHeight: 480, bottom: 300 },
} as const;

/** Sizes are remembered per screen and size class, and only when the trader set them. */
const useLayout = (id: string) =>
  useDefaultLayout({ id: `kelly-desk.${id}`, storage: window.localStorage, onlySaveAfterUserInteractions: true });

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
  const { defaultLayout, onLayoutChanged } = useLayout(`middle.${id}`);
  return (
    <Group
      orientation="horizontal"
      {...(defaultLayout === undefined ? {} : { defaultLayout })}
      onLayoutChanged={onLayoutChanged}
    >
      <Pane id="ladder" defaultSize={ladderWidth} minSize={380} groupResizeBehavior="preserve-pixel-size">
        <LadderPanel />
      </Pane>
      <Splitter label="Width of the ladder" />
      <Pane id="chart" minSize={320}>
        <div className={cls('right')}>
          <PriceChartPanel />
          <OpinionsPanel />
        </div>
      </Pane>
    </Group>
  );
}

function Work({ children, id }: { readonly children: ReactNode; readonly id: keyof typeof MEASURES }) {
  const { bottom, ladderHeight } = MEASURES[id];
  const { defaultLayout, onLayoutChanged } = useLayout(`work.${id}`);
  return (
    <Group
      orientation="vertical"
      {...(defaultLayout === undefined ? {} : { defaultLayout })}
      onLayoutChanged={onLayoutChanged}
    >
      <Pane id="top" minSize={ladderHeight}>
        {children}
      </Pane>
      <Splitter label="Height of positions and orders" />
      <Pane id="bottom" defaultSize={bottom} minSize={100} groupResizeBehavior="preserve-pixel-size">
        <BottomPanels sizeClass={id} />
      </Pane>
    </Group>
  );
}

/** The Desk: what to trade, how much, why that much, and what the account holds. */
export function DeskScreen() {
  const sizeClass = useSizeClass();
  const measures = MEASURES[sizeClass];
  const { defaultLayout, onLayoutChanged } = useLayout(`columns.${sizeClass}`);
  return (
    <div className={cls('screen')} key={sizeClass}>
      <h1 className={cls('spoken')}>Desk</h1>
      <StartupStrip />
      <Group
        orientation="horizontal"
        {...(defaultLayout === undefined ? {} : { defaultLayout })}
        onLayoutChanged={onLayoutChanged}
      >
        <Pane
          id="left"
          defaultSize={measures.left}
          minSize={200}
          maxSize={420}
          groupResizeBehavior="preserve-pixel-size"
        >
          <LeftColumn />
        </Pane>
        <Splitter label="Width of the left column" />
        <Pane id="work">
          <div className={cls('work')}>
            <Hero />
            <div className={cls('rest')}>
              <Work id={sizeClass}>
                <Middle ladderWidth={measures.ladder} id={sizeClass} />
              </Work>
              <WhatIfDrawer />
            </div>
          </div>
        </Pane>
      </Group>
    </div>
  );
}
