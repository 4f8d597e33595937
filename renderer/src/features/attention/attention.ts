import { deskNow, useClock } from '#renderer/src/store/clock.ts';
import { useRecommendations } from '#renderer/src/store/recommendations.ts';
import { loadAttention, useAttention } from '#renderer/src/store/attention.ts';
import { useActivity, useConnections, useStatus } from '#renderer/src/store/status.ts';
import { minuteOf, mostPressing, oneNotice, waysOf } from './attention-rules.ts';
import type { Occurrence } from './attention-rules.ts';
import { look, waitingCount } from './attention-watch.ts';
import type { DeskNow, Seen } from './attention-watch.ts';
import { notify } from './notifier.ts';
import { playTone } from './tones.ts';

/** What happens within this time is told as one. */
const BATCH_MS = 400;

function deskAsItStands(): DeskNow {
  const { isLoaded, startup, lostAt } = useStatus.getState();
  return {
    isReady: isLoaded && startup?.phase === 'ready',
    bySymbol: useRecommendations.getState().bySymbol,
    activity: useActivity.getState().items,
    connections: useConnections.getState().byId,
    lostForMs: lostAt === null ? null : Date.now() - lostAt,
    now: deskNow(),
  };
}

const isInFront = (): boolean => document.visibilityState === 'visible' && document.hasFocus();

function tell(happened: readonly Occurrence[]): void {
  const choice = useAttention.getState();
  const moment = { minute: minuteOf(new Date()), isInFront: isInFront() };
  const told = happened.map((one) => ({ one, ways: waysOf(choice, one.kind, moment) }));
  const notice = oneNotice(told.flatMap(({ one, ways }) => (ways.notify ? [one] : [])));
  if (notice !== null) notify(notice);
  const kind = mostPressing(told.flatMap(({ one, ways }) => (ways.sound ? [one] : [])));
  if (kind !== null) void playTone(kind, choice.volume);
}

const TITLE = 'Kelly Desk';

function showWaiting({ bySymbol }: DeskNow): void {
  const count = waitingCount(bySymbol);
  const title = count === 0 ? TITLE : `(${count}) ${TITLE}`;
  if (document.title !== title) document.title = title;
}

/** Watches the desk and calls the trader: title, notification and sound, as they were chosen. Returns how to stop. */
export function startAttention(): () => void {
  loadAttention();
  let seen: Seen | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const turn = (): void => {
    timer = undefined;
    const desk = deskAsItStands();
    const result = look(seen, desk);
    ({ seen } = result);
    showWaiting(desk);
    tell(result.happened);
  };
  const soon = (): void => {
    timer ??= setTimeout(turn, BATCH_MS);
  };
  const stops = [useRecommendations, useActivity, useConnections, useStatus, useClock].map((store) =>
    store.subscribe(soon),
  );
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}
