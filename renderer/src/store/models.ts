import { create } from 'zustand';
import type { ModelsReport } from '#shared/domain/models.ts';
import { deskClient } from '#renderer/src/api/client.ts';
import { createReading } from './reading.ts';

/** The report on the models as last read. It outlives the screen, so that coming back shows it at once. */
export const modelsReport = createReading<'report', ModelsReport>(() => deskClient().call('models.report', {}));

/** How often the desk said that the report would read otherwise now. */
export const useModelsNews = create<{ readonly count: number }>()(() => ({ count: 0 }));

/** Takes the news in. */
export const noteModelsNews = (): void => useModelsNews.setState(({ count }) => ({ count: count + 1 }));
