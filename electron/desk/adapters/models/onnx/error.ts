import type { ForecastError } from '#desk/adapters/models/error.ts';

/** The thread with the model ended: it is started again at the next question. */
export const crashed = (reason: string): ForecastError => ({
  code: 'runtime',
  what: `The model's thread ended (${reason})`,
  remedy: 'It is started again at the next question; if it ends again, check the model file.',
});

/** The model took the question and could not answer it. */
export const failedRun = (what: string): ForecastError => ({
  code: 'runtime',
  what: `The model could not be run: ${what}`,
  remedy: 'Compare the input of the connection with what the model was made for.',
});
