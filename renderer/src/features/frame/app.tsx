import { Suspense } from 'react';
import { SafetyStrip } from '#renderer/src/features/execution/safety-strip.tsx';
import { RecoveryScreen } from '#renderer/src/features/recovery/recovery-screen.tsx';
import { SettingsRecovery } from '#renderer/src/features/recovery/settings-recovery.tsx';
import { Tour } from '#renderer/src/features/tour/tour.tsx';
import { ToastArea } from '#renderer/src/features/notices/toast-area.tsx';
import { LiveRegions } from '#renderer/src/features/notices/live-regions.tsx';
import { StatusBar } from '#renderer/src/features/status-bar/status-bar.tsx';
import { TopBar } from '#renderer/src/features/top-bar/top-bar.tsx';
import { DeskScreen } from '#renderer/src/features/desk/desk-screen.tsx';
import { useStatus } from '#renderer/src/store/status.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Skeleton } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { TooltipProvider } from '#renderer/src/ui/tooltip.tsx';
import css from './app.module.css';
import { Banner } from './banner.tsx';
import { Boundary } from './boundary.tsx';
import { Dialogs } from './dialogs.tsx';
import { LinkStrip } from './link-strip.tsx';
import { loadLater } from './load-later.ts';
import { Rail } from './rail.tsx';
import { Starting } from './starting.tsx';

const cls = styler(css);

const PerformanceScreen = loadLater(() =>
  import('#renderer/src/features/performance/performance-screen.tsx').then((module) => ({
    default: module.PerformanceScreen,
  })),
);

const JournalScreen = loadLater(() =>
  import('#renderer/src/features/journal/journal-screen.tsx').then((module) => ({ default: module.JournalScreen })),
);

const ModelsScreen = loadLater(() =>
  import('#renderer/src/features/models/models-screen.tsx').then((module) => ({ default: module.ModelsScreen })),
);

const BacktestScreen = loadLater(() =>
  import('#renderer/src/features/backtest/backtest-screen.tsx').then((module) => ({ default: module.BacktestScreen })),
);

const SettingsScreen = loadLater(() =>
  import('#renderer/src/features/settings/settings-screen.tsx').then((module) => ({ default: module.SettingsScreen })),
);

const LAZY = {
  performance: { Content: PerformanceScreen, name: 'Performance' },
  backtest: { Content: BacktestScreen, name: 'Backtest' },
  journal: { Content: JournalScreen, name: 'Journal' },
  models: { Content: ModelsScreen, name: 'Models' },
  settings: { Content: SettingsScreen, name: 'Settings' },
} as const;

function Screen() {
  const screen = useUi((s) => s.screen);
  const isLoaded = useStatus((s) => s.isLoaded);
  const needsRecovery = useStatus((s) => s.needsRecovery);
  if (needsRecovery) return <RecoveryScreen />;
  if (!isLoaded) return <Starting />;
  if (screen === 'desk') {
    return (
      <Boundary key="desk" name="The Desk">
        <DeskScreen />
      </Boundary>
    );
  }
  const { Content, name } = LAZY[screen];
  return (
    <Boundary key={screen} name={`The ${name} screen`}>
      <Suspense fallback={<Skeleton rows={8} text={`Opening the ${name} screen`} />}>
        <Content />
      </Suspense>
    </Boundary>
  );
}

/** The frame: top bar, banner, rail, screen, status bar and everything that floats. */
export function App() {
  const mode = useStatus((s) => s.identity?.mode ?? 'simulation');
  const dialog = useUi((s) => s.dialog);
  return (
    <TooltipProvider delayDuration={250}>
      <div className={cls('app', mode)}>
        <TopBar />
        <Banner />
        <SafetyStrip />
        <SettingsRecovery />
        <LinkStrip />
        <div className={cls('middle')}>
          <Rail />
          <main className={cls('main')}>
            <Screen />
          </main>
        </div>
        <StatusBar />
        <Boundary key={dialog ?? 'none'} name="This dialog">
          <Dialogs />
        </Boundary>
        <Tour />
        <ToastArea />
        <LiveRegions />
      </div>
    </TooltipProvider>
  );
}
