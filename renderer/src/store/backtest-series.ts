import { useEffect, useMemo } from 'react';
import { create } from 'zustand';
import { deskClient } from '#renderer/src/api/client.ts';
import { MOST_POINTS } from '#shared/contract/backtest-operations.ts';
import type { PolicySeries } from '#shared/domain/backtest.ts';
import { failureText } from './actions.ts';

export type SeriesReading =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly series: PolicySeries }
  | { readonly kind: 'failed'; readonly message: string };

type Asked = { readonly runId: string; readonly key: string; readonly points: number };

const useSeriesStore = create<{ readonly byName: Readonly<Record<string, SeriesReading>> }>()(() => ({ byName: {} }));

const nameOf = ({ runId, key, points }: Asked): string => `${runId} ${key} ${points}`;

const put = (name: string, reading: SeriesReading): void =>
  useSeriesStore.setState(({ byName }) => ({ byName: { ...byName, [name]: reading } }));

/** Reads a series once; a stored run never changes. One that failed is asked again. */
async function load(asked: Asked): Promise<void> {
  const name = nameOf(asked);
  const known = useSeriesStore.getState().byName[name];
  if (known !== undefined && known.kind !== 'failed') return;
  put(name, { kind: 'loading' });
  try {
    put(name, { kind: 'ready', series: await deskClient().call('backtest.series', asked) });
  } catch (cause) {
    put(name, { kind: 'failed', message: failureText(cause) });
  }
}

/** Steps in which a chart asks for more points, so that dragging an edge does not read at every px. */
const STEP = 200;

/** Points worth asking for at a width: a lowest and a highest for each px. */
export const pointsFor = (width: number): number =>
  Math.max(STEP, Math.min(MOST_POINTS, Math.ceil((width * 2) / STEP) * STEP));

/** The series of policies of a run, in their order, as they arrive. */
export function useSeries(runId: string, keys: readonly string[], points: number): readonly SeriesReading[] {
  const list = keys.join(' ');
  useEffect(() => {
    for (const key of list === '' ? [] : list.split(' ')) void load({ runId, key, points });
  }, [runId, list, points]);
  const byName = useSeriesStore((s) => s.byName);
  return useMemo(
    () =>
      (list === '' ? [] : list.split(' ')).map((key) => byName[nameOf({ runId, key, points })] ?? { kind: 'loading' }),
    [byName, runId, list, points],
  );
}
