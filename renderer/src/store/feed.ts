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
import { createBurst } from './burst.ts';
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
const FOLLOWED = 12;
const LOOKED_AT_APART_MS = 1_000;

type PayloadOf<T extends Live['topic']> = Extract<Live, { topic: T }>['payload'];

const payloads = <T extends Live['topic']>(events: readonly Live[], topic: T): readonly PayloadOf<T>[] =>
  events.flatMap((event) => (event.topic === topic ? [event.payload as PayloadOf<T>] : []));

type BesideEvent = Extract<
  Live,
  { topic: 'order.changed' | 'positions.changed' | 'connection.changed' | 'desk.pulse' }
>;
const isBeside = (event: Live): event is BesideEvent =>
  event.topic !== 'recommendation.changed' && event.topic !== 'execution.changed';

function putBeside(events: readonly BesideEvent[]): void {
  const pulse = payloads(events, 'desk.pulse').at(-1);
  if (pulse !== undefined) useStatus.setState({ risk: pulse.risk });
  for (const connection of payloads(events, 'connection.changed')) putConnection(connection);
  for (const order of payloads(events, 'order.changed')) putOrder(order);
  const positions = payloads(events, 'positions.changed').at(-1);
  if (positions !== undefined) setPositions(positions);
}

/** Account, connections and the lists of orders and positions are laid out for the frame after that of an answer. */
const beside = createBurst(putBeside);

function putLive(events: readonly Live[]): void {
  const changed = payloads(events, 'recommendation.changed');
  if (changed.length > 0) putRecommendations(changed);
  const execution = payloads(events, 'execution.changed').at(-1);
  if (execution !== undefined) setExecution(execution);
  const others = events.filter(isBeside);
  if (changed.length === 0 && !beside.isWaiting()) putBeside(others);
  else others.forEach(beside.add);
}

/**
 * Waits for the next frame, and goes into the stores in one go there: the window is worked out and laid out once in a
 * frame, however much a decision or an approval brings.
 */
const live = createBurst(putLive);

/** What tells of decisions gives way to the decisions: a list of a hundred lines is not laid out again in each frame. */
const told = createBurst<Told>(
  (events) => {
    const added = events.flatMap((event) => (event.topic === 'activity.added' ? [event.payload] : []));
    if (added.length > 0) putActivity(added);
    const journal = events.findLast((event) => event.topic === 'journal.changed')?.payload;
    if (journal !== undefined) useStatus.setState({ journal });
  },
  { apartMs: (count) => (count > FOLLOWED ? LOOKED_AT_APART_MS : TOLD_APART_MS) },
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
    beside.clear();
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
