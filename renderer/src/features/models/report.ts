import { useEffect } from 'react';
import { modelsReport, useModelsNews } from '#renderer/src/store/models.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { createThrottle } from '#renderer/src/features/performance/throttle.ts';

/** Several outcomes in a row share one reading. */
const reading = createThrottle(() => modelsReport.refresh(), { settleMs: 800, everyMs: 10_000 });

/** Reads the report at once. */
export const readNow = (): void => reading.now();

/** Keeps the report true while the screen is shown: read when it opens, when something is new, when the desk is back. */
export function useFreshReport(): void {
  const isLive = useStatus((s) => s.link === 'live');
  const phase = useStatus((s) => s.startup?.phase ?? null);
  const news = useModelsNews((s) => s.count);
  useEffect(() => {
    if (!isLive) return;
    modelsReport.show('report');
    if (modelsReport.use.getState().value !== null) reading.request();
  }, [isLive, phase, news]);
  useEffect(() => () => reading.stop(), []);
}
