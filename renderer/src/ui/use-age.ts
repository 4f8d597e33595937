import { durationText } from '#shared/format/numbers.ts';
import { useClock } from '#renderer/src/store/clock.ts';

/** Age of something read at epoch ms of this machine, stepping once a second. */
export const useAge = (readAt: number): string =>
  useClock(({ now, offsetMs }) => durationText(now - offsetMs - readAt));
