import { create } from 'zustand';
import { failureText } from './actions.ts';

/** One answer of the desk and how it stands with it. */
export type ReadingState<Query, Value> = {
  /** What the value answers; null before the first. */
  readonly answered: Query | null;
  readonly value: Value | null;
  /** True while an answer is on its way. */
  readonly isReading: boolean;
  /** Epoch ms of this machine. */
  readonly readAt: number | null;
  readonly failure: string | null;
};

/**
 * Keeps the answer to one question of the desk. Another question keeps the old answer on screen until its own is there;
 * an answer that was overtaken is dropped.
 */
export function createReading<Query, Value>(load: (query: Query) => Promise<Value>) {
  const use = create<ReadingState<Query, Value>>()(() => ({
    answered: null,
    value: null,
    isReading: false,
    readAt: null,
    failure: null,
  }));
  let round = 0;
  let asked: { readonly query: Query; readonly key: string } | null = null;

  const read = async (): Promise<void> => {
    if (asked === null) return;
    round += 1;
    const [current, { query }] = [round, asked];
    use.setState({ isReading: true });
    try {
      const value = await load(query);
      if (current !== round) return;
      use.setState({ answered: query, value, isReading: false, readAt: Date.now(), failure: null });
    } catch (cause) {
      if (current === round) use.setState({ isReading: false, failure: failureText(cause) });
    }
  };

  return {
    use,
    /** Asks; the same question again does nothing unless the last answer failed. */
    show: (query: Query): void => {
      const key = JSON.stringify(query);
      if (asked?.key === key && use.getState().failure === null) return;
      asked = { query, key };
      void read();
    },
    /** Asks the last question again; nothing was asked, nothing happens. */
    refresh: (): void => void read(),
  };
}

export type Reading<Query, Value> = ReturnType<typeof createReading<Query, Value>>;
