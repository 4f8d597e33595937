import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers, OperationName } from '#shared/contract/index.ts';
import type { modelsOperations } from '#shared/contract/models-operations.ts';
import type { CalibrationState, ModelsReport } from '#shared/domain/models.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import type { Connection } from '#shared/domain/status.ts';
import type { Fit, WatchKeeper } from '#desk/account/watch-keeper.ts';
import type { EventStream } from '#desk/door/event-stream.ts';
import { CALIBRATION_STEPS } from '#desk/engine/calibration.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { Recorder } from '#desk/records/recorder.ts';
import type { ReportThread } from './report-thread.ts';
import { createUptimeWatch, uptimeOf } from './uptime.ts';

export type ModelsOperation = Extract<OperationName, keyof typeof modelsOperations>;

export type ModelsParts = {
  readonly reports: ReportThread;
  readonly clock: Clock;
  readonly stream: Pick<EventStream, 'subscribe'>;
  readonly connections: () => readonly Connection[];
  readonly watch: Pick<WatchKeeper, 'calibrator' | 'fitted' | 'take'>;
  readonly recorder: Pick<Recorder, 'record'>;
  /** Throws 'not-ready' while history is made. */
  readonly mustBeReady: () => void;
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
  let previewed: Fit | null = null;
  const choose = (choice: 'accepted' | 'declined', version: string, reason: string | null): CalibrationState => {
    parts.mustBeReady();
    if (previewed?.calibrator.version !== version) {
      throw new DeskError({
        ...{ code: 'refused', message: 'this fit is not the one that was looked at last', field: 'version' },
        ...{ value: version, remedy: 'look at the preview again' },
      });
    }
    const fit = previewed;
    previewed = null;
    const event = { kind: 'calibration', choice, ...fit, reason, actor: 'trader' } as const;
    // Journaled first: what is in force after a restart is what was in force before it.
    parts.recorder.record([event]);
    parts.watch.take(event);
    return calibrationOf(parts);
  };

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
      'models.calibrationPreview': async () => {
        const inForce = { calibrator: parts.watch.calibrator(), fittedOn: parts.watch.fitted().on };
        const { fit, preview } = await reports.ask('preview', { inForce });
        previewed = fit;
        return preview;
      },
      'models.acceptCalibration': ({ version, reason }) => choose('accepted', version, reason ?? null),
      'models.declineCalibration': ({ version, reason }) => choose('declined', version, reason ?? null),
    },
    close: () => subscription.stop(),
  };
}
