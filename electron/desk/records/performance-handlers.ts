import type { Handlers, OperationName } from '#shared/contract/index.ts';
import type { performanceOperations } from '#shared/contract/performance-operations.ts';
import { WINDOW } from '#shared/domain/performance-detail.ts';
import type { SessionCalendar } from '#shared/domain/instrument.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import { epochMs, type EpochMs, type Money } from '#shared/units.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { ReportThread } from '#desk/watch/report-thread.ts';

export type PerformanceOperation = Extract<OperationName, keyof typeof performanceOperations>;

export type PerformanceParts = {
  readonly reports: ReportThread;
  readonly journal: Pick<Journal, 'tradeCount'>;
  readonly initialEquity: Money;
  readonly config: () => SizingConfig;
  readonly calendar: SessionCalendar;
  /** Followed outcomes, and the equity the session day opened with: both change the history without a trade. */
  readonly resolved: () => number;
  readonly dayOpening: () => Money;
  /** Changes with what is held and with every bar that closes: what is held is marked by it. */
  readonly marked: () => string;
};

type Kept<T> = { readonly key: string; readonly value: Promise<T> };

/** Keeps the last answer under its key. A failure is not kept: the next question computes again. */
function createKeeper<T>() {
  let kept: Kept<T> | null = null;
  return (key: string, compute: () => Promise<T>): Promise<T> => {
    if (kept?.key === key) return kept.value;
    const value = compute();
    kept = { key, value };
    value.catch(() => {
      if (kept?.value === value) kept = null;
    });
    return value;
  };
}

const bound = (at: number | undefined): EpochMs | null => (at === undefined ? null : epochMs(at));

/** Returns the operations of the Performance screen. All of it is computed in the report thread. */
export function createPerformanceHandlers(parts: PerformanceParts): Pick<Handlers, PerformanceOperation> {
  const { reports, journal, config, initialEquity, calendar } = parts;
  const histories = createKeeper<Awaited<ReturnType<Handlers['performance.history']>>>();
  const trades = () => journal.tradeCount({});
  return {
    'performance.history': ({ from, to }) => {
      // The bootstrap behind the verdict takes a while: it is done again only when there is something new to it.
      const key = [from, to, trades(), parts.resolved(), parts.dayOpening(), parts.marked()].join(' ');
      const { maxContracts, maxHeat, sample } = config();
      return histories(key, () =>
        reports.ask('performance', {
          ...{ initialEquity, maxContracts, maxHeat, calendar, scratchR: sample.scratchR },
          ...{ from: bound(from), to: bound(to) },
        }),
      );
    },
    'performance.rolling': ({ from, to, window = WINDOW.usual }) =>
      reports.ask('rolling', { window, scratchR: config().sample.scratchR, from: bound(from), to: bound(to) }),
    'performance.months': ({ from, to }) =>
      reports.ask('months', {
        ...{ initialEquity, scratchR: config().sample.scratchR },
        ...{ from: bound(from), to: bound(to) },
      }),
  };
}
