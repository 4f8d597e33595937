let retry: () => void = () => undefined;

/** Sets what "Retry now" does, once at start. */
export function setRetryNow(run: () => void): void {
  retry = run;
}

/** Tries to reach the desk at once. */
export const retryNow = (): void => retry();
