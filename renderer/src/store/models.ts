import { create } from 'zustand';
import type { CalibrationPreview, CalibrationState, ModelsReport } from '#shared/domain/models.ts';
import { deskClient } from '#renderer/src/api/client.ts';
import { run } from './actions.ts';
import { createReading } from './reading.ts';
import { toast } from './ui.ts';

/** The report on the models as last read. It outlives the screen, so that coming back shows it at once. */
export const modelsReport = createReading<'report', ModelsReport>(() => deskClient().call('models.report', {}));

/** How often the desk said that the report would read otherwise now. */
export const useModelsNews = create<{ readonly count: number }>()(() => ({ count: 0 }));

/** Takes the news in. */
export const noteModelsNews = (): void => useModelsNews.setState(({ count }) => ({ count: count + 1 }));

/** What a calibrator fitted now would change; null until it is asked for. */
export const calibrationPreview = createReading<number, CalibrationPreview>(() =>
  deskClient().call('models.calibrationPreview', {}),
);
let previews = 0;

/** Asks for a preview; each is a fit of its own. */
export function previewCalibration(): void {
  previews += 1;
  calibrationPreview.show(previews);
}

/** Puts the preview away without a decision. */
export const forgetPreview = (): void => calibrationPreview.use.setState({ value: null, failure: null });

function decided(words: string) {
  return (state: CalibrationState): void => {
    const { value } = modelsReport.use.getState();
    if (value !== null) modelsReport.use.setState({ value: { ...value, calibration: state } });
    forgetPreview();
    toast('info', words);
  };
}

/** Puts the previewed calibrator in force. */
export const acceptCalibration = (version: string): Promise<boolean> =>
  run(
    'calibration',
    () => deskClient().call('models.acceptCalibration', { version }),
    decided('The calibrator is in force from the next decision on.'),
  );

/** Leaves the calibrator in force as it is. */
export const declineCalibration = (version: string): Promise<boolean> =>
  run(
    'calibration',
    () => deskClient().call('models.declineCalibration', { version }),
    decided('Declined. The calibrator stays as it is.'),
  );
