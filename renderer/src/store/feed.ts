import type { DeskEvent, SyncSink } from '#renderer/src/api/sync.ts';
import { putJob, runs } from './backtest.ts';
import { noteBackupProgress } from './backups.ts';
import { alignClock } from './clock.ts';
import { noteTestStep } from './connection-tests.ts';
import { setExecution } from './execution.ts';
import { forgetBars, putBar, putQuotes, setMarket } from './market.ts';
import { forgetRecovery } from './recovery.ts';
import { noteModelsNews } from './models.ts';
import { putOrder, setOrders, setPositions } from './orders.ts';
import { afterPicture, beside, createBurst } from './burst.ts';
import type { BurstOptions } from './burst.ts';
import { putRecommendations, setRecommendations } from './recommendations.ts';
import {
  dropNotice,
  putActivity,
  putConnection,
  putNotice,
  setActivity,
  setConnections,
  setLink,
  setNotices,
  useStatus,
} from './status.ts';

/** What the market, the broker and the decisions bring all day. */
type Live = Extract<
  DeskEvent,
  {
    topic:
      | 'recommendation.changed'
      | 'order.changed'
      | 'positions.changed'
      | 'execution.changed'
      | 'connection.changed'
      | 'desk.pulse';
  }
>;
type Told = Extract<DeskEvent, { topic: 'activity.added' | 'journal.changed' }>;

/** A line of the feed is read, and the count of the journal noticed: so often while lines can be followed at all. */
const TOLD_APART_MS = 250;
/** More lines than this at once are looked at afterwards. */
const READ_AT_ONCE = 12;
const LOOKED_AT_APART_MS = 1_000;

type PayloadOf<T extends Live['topic']> = Extract<Live, { topic: T }>['payload'];

const payloads = <T extends Live['topic']>(events: readonly Live[], topic: T): readonly PayloadOf<T>[] =>
  events.flatMap((event) => (event.topic === topic ? [event.payload as PayloadOf<T>] : []));

type OrderEvent = Extract<Live, { topic: 'order.changed' }>;
type AccountEvent = Extract<Live, { topic: 'positions.changed' | 'connection.changed' | 'desk.pulse' }>;
const isOrder = (event: Live): event is OrderEvent => event.topic === 'order.changed';
const isAccount = (event: Live): event is AccountEvent =>
  event.topic === 'positions.changed' || event.topic === 'connection.changed' || event.topic === 'desk.pulse';

/** An answer to a command, with what it brings, is no more changes than this. */
const ANSWERED = 8;
/** Figures of the account and its connections are read: under a stream of answers so often. */
const ACCOUNT_APART_MS = 220;

/** Lets a frame be drawn before it, unless nothing of its kind waits and there is no answer to give way to. */
function besideAnswers<T>(put: (events: readonly T[]) => void, options: Pick<BurstOptions, 'frames' | 'apartMs'>) {
  const burst = createBurst(put, options);
  return {
    put: (events: readonly T[], hasAnswer: boolean): void => {
      if (!hasAnswer && !burst.isWaiting()) put(events);
      else events.forEach(burst.add);
    },
    clear: burst.clear,
  };
}

const orders = besideAnswers<OrderEvent>(
  (events) => {
    for (const { payload } of events) putOrder(payload);
  },
  { frames: afterPicture },
);

const account = besideAnswers<AccountEvent>(
  (events) => {
    const pulse = payloads(events, 'desk.pulse').at(-1);
    if (pulse !== undefined) useStatus.setState({ risk: pulse.risk });
    for (const connection of payloads(events, 'connection.changed')) putConnection(connection);
    const positions = payloads(events, 'positions.changed').at(-1);
    if (positions !== undefined) setPositions(positions);
  },
  { frames: beside, apartMs: () => ACCOUNT_APART_MS },
);

/** A halt is shown in the next picture, whatever waits. */
function putTradingState(events: readonly Live[]): void {
  const risk = payloads(events, 'desk.pulse').at(-1)?.risk;
  if (risk !== undefined && risk.tradingState !== useStatus.getState().risk?.tradingState) useStatus.setState({ risk });
}

function putLive(events: readonly Live[]): void {
  const changed = payloads(events, 'recommendation.changed');
  if (changed.length > 0) putRecommendations(changed);
  const execution = payloads(events, 'execution.changed').at(-1);
  if (execution !== undefined) setExecution(execution);
  putTradingState(events);
  orders.put(events.filter(isOrder), changed.length > 0);
  account.put(events.filter(isAccount), changed.length > 0);
}

/**
 * Waits for the next frame, and goes into the stores in one go there: the window is worked out and laid out once in a
 * frame, however much a decision or an approval brings. The answer to a click comes alone and goes ahead of its frame.
 */
const live = createBurst(putLive, { atOnce: ANSWERED });

/** What tells of decisions gives way to the decisions: a list of a hundred lines is not laid out again in each frame. */
const told = createBurst<Told>(
  (events) => {
    const added = events.flatMap((event) => (event.topic === 'activity.added' ? [event.payload] : []));
    if (added.length > 0) putActivity(added);
    const journal = events.findLast((event) => event.topic === 'journal.changed')?.payload;
    if (journal !== undefined) useStatus.setState({ journal });
  },
  { frames: beside, apartMs: (count) => (count > READ_AT_ONCE ? LOOKED_AT_APART_MS : TOLD_APART_MS) },
);

function applyEvent(event: DeskEvent): void {
  switch (event.topic) {
    case 'desk.startup':
      // Charts read during the warm-up hold its daily bars; what is traded on comes after it.
      if (event.payload.phase === 'ready' && useStatus.getState().startup?.phase !== 'ready') forgetBars();
      useStatus.setState({ startup: event.payload });
      break;
    case 'desk.identity':
      useStatus.setState({ identity: event.payload });
      break;
    case 'recommendation.changed':
    case 'order.changed':
    case 'positions.changed':
    case 'execution.changed':
    case 'connection.changed':
      live.add(event);
      break;
    case 'desk.pulse':
      // What time it is at the desk is told by when it says so: a window that draws no frames may wait a second.
      alignClock(event.payload.now);
      live.add(event);
      break;
    case 'activity.added':
    case 'journal.changed':
      told.add(event);
      break;
    case 'quote.changed':
      putQuotes([event.payload]);
      break;
    case 'bar.closed':
      putBar(event.payload);
      break;
    case 'notice.raised':
      putNotice(event.payload);
      break;
    case 'notice.cleared':
      dropNotice(event.payload.id);
      break;
    case 'backtest.progress':
      putJob(event.payload);
      break;
    case 'backtest.runsChanged':
      runs.refresh();
      break;
    case 'models.changed':
    case 'models.versionsChanged':
      noteModelsNews();
      break;
    case 'settings.changed':
      useStatus.setState({ config: event.payload.config });
      break;
    case 'connections.tested':
      noteTestStep(event.payload);
      break;
    case 'backups.progress':
      noteBackupProgress(event.payload);
      break;
    case 'equity.added':
      // The screens that show these read them themselves.
      break;
  }
}

/** The one place where the desk's data enters the stores. */
export const storeSink: SyncSink = {
  link: (state) => setLink(state, Date.now()),
  failed: (message, code) => {
    useStatus.setState({ loadError: message, needsRecovery: code === 'needs-recovery' });
    if (message === null) forgetRecovery();
  },
  event: applyEvent,
  quotes: putQuotes,
  snapshot: (snapshot) => {
    const { identity, startup, config, risk, journal } = snapshot;
    alignClock(snapshot.now);
    setMarket(snapshot.quotes, snapshot.instruments);
    // What still waits is older than the snapshot.
    live.clear();
    orders.clear();
    account.clear();
    told.clear();
    setRecommendations(snapshot.recommendations);
    setOrders(snapshot.orders);
    setPositions(snapshot.positions);
    setExecution(snapshot.execution);
    setConnections(snapshot.connections);
    setActivity(snapshot.activity);
    setNotices(snapshot.notices);
    useStatus.setState({ identity, startup, config, risk, journal, isLoaded: true });
  },
};
