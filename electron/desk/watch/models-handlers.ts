import type { Handlers, OperationName } from '#shared/contract/index.ts';
import type { modelsOperations } from '#shared/contract/models-operations.ts';
import type { CalibrationState, ModelsReport } from '#shared/domain/models.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import type { Connection } from '#shared/domain/status.ts';
import type { WatchKeeper } from '#desk/account/watch-keeper.ts';
import type { EventStream } from '#desk/door/event-stream.ts';
import { CALIBRATION_STEPS } from '#desk/engine/calibration.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { ReportThread } from './report-thread.ts';
import { createUptimeWatch, uptimeOf } from './uptime.ts';

export type ModelsOperation = Extract<OperationName, keyof typeof modelsOperations>;

export type ModelsParts = {
  readonly reports: ReportThread;
  readonly clock: Clock;
  readonly stream: Pick<EventStream, 'subscribe'>;
  readonly connections: () => readonly Connection[];
  readonly watch: Pick<WatchKeeper, 'calibrator' | 'fitted'>;
  readonly config: () => SizingConfig;
};

/** The step of the record that brings another method; null behind the last. */
function nextStep(resolved: number): CalibrationState['next'] {
  for (const kind of ['platt', 'beta', 'isotonic'] as const) {
    if (resolved < CALIBRATION_STEPS[kind]) return { at: CALIBRATION_STEPS[kind], kind };
  }
  return null;
}

function calibrationOf({ watch, config }: ModelsParts): CalibrationState {
  const { kind, version } = watch.calibrator();
  const { on, of, isDue } = watch.fitted();
  return { kind, version, fittedOn: on, resolved: of, isUsed: config().calibrate, isDue, next: nextStep(of) };
}

/** Returns the operations of the Models screen. What takes time is computed in the report thread. */
export function createModelsHandlers(parts: ModelsParts): {
  readonly handlers: Pick<Handlers, ModelsOperation>;
  readonly close: () => void;
} {
  const { reports, clock, stream, connections, config } = parts;
  const uptime = createUptimeWatch();
  const subscription = stream.subscribe(null, (event) => {
    if (event.topic === 'connection.changed') uptime.note(event.payload, clock.now());
  });
  let asked: Promise<ModelsReport> | null = null;

  const read = async (): Promise<ModelsReport> => {
    const now = clock.now();
    const { weights, confidenceThreshold, breakers } = config();
    const report = await reports.ask('models', { now, config: { weights, confidenceThreshold, breakers } });
    return {
      ...report,
      uptime: [...uptimeOf(uptime, connections(), clock.now())],
      calibration: calibrationOf(parts),
    };
  };
  return {
    handlers: {
      // Whoever asks while an answer is made gets that one.
      'models.report': () =>
        (asked ??= read().finally(() => {
          asked = null;
        })),
    },
    close: () => subscription.stop(),
  };
}
