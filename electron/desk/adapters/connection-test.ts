import type { ConnectionStep } from '#shared/domain/connection-test.ts';
import type { Result } from '#shared/result.ts';

export type { ConnectionStep } from '#shared/domain/connection-test.ts';

/** Told of each step as it ends. */
export type StepReport = (step: ConnectionStep) => void;

/** What a step says when it went well: a sentence with figures, and what the next steps need. */
export type StepValue<T> = { readonly detail: string; readonly value: T };
/** Why it did not, and what the trader can do about it. */
export type StepFailure = { readonly detail: string; readonly remedy: string };

/** The way out of a step that throws; by its message where that tells more than the step. */
export type Remedy = string | ((detail: string) => string);

/** Runs the steps of one connection test and reports each with its time. */
export interface Steps {
  /**
   * Runs one step; null when it failed, and the steps that need it are then left out by the caller. A call that throws
   * is a failed step, with `remedy` as the way out, or what `remedy` makes of its message.
   */
  run<T>(name: string, remedy: Remedy, work: () => Promise<Result<StepValue<T>, StepFailure>>): Promise<T | null>;
  /** True while no step has failed. */
  isOk(): boolean;
}

const MAX_DETAIL = 2_000;

/** Makes the runner of one connection's steps. Times are of the machine's monotonic clock, in milliseconds. */
export function createSteps(report: StepReport): Steps {
  let isOk = true;
  const tell = (step: ConnectionStep): void => {
    isOk &&= step.ok;
    report({ ...step, detail: step.detail.slice(0, MAX_DETAIL), remedy: step.remedy?.slice(0, MAX_DETAIL) ?? null });
  };
  return {
    run: async (name, remedy, work) => {
      const startedAt = performance.now();
      const took = (): number => Math.max(0, performance.now() - startedAt);
      try {
        const result = await work();
        if (!result.ok) {
          tell({ name, ok: false, detail: result.error.detail, ms: took(), remedy: result.error.remedy });
          return null;
        }
        tell({ name, ok: true, detail: result.value.detail, ms: took(), remedy: null });
        return result.value.value;
      } catch (error) {
        const detail = error instanceof Error ? error.message : 'the step broke off';
        tell({ name, ok: false, detail, ms: took(), remedy: typeof remedy === 'string' ? remedy : remedy(detail) });
        return null;
      }
    },
    isOk: () => isOk,
  };
}
