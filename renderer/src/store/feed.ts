import type { DeskEvent, SyncSink } from '#renderer/src/api/sync.ts';
import { alignClock } from './clock.ts';
import { putBar, putQuotes, setMarket } from './market.ts';
import { putOrder, setOrders, setPositions } from './orders.ts';
import { putRecommendation, setRecommendations } from './recommendations.ts';
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

function applyEvent(event: DeskEvent): void {
  switch (event.topic) {
    case 'desk.startup':
      return useStatus.setState({ startup: event.payload });
    case 'desk.identity':
      return useStatus.setState({ identity: event.payload });
    case 'desk.pulse':
      alignClock(event.payload.now);
      return useStatus.setState({ risk: event.payload.risk });
    case 'recommendation.changed':
      return putRecommendation(event.payload);
    case 'quote.changed':
      return putQuotes([event.payload]);
    case 'bar.closed':
      return putBar(event.payload);
    case 'order.changed':
      return putOrder(event.payload);
    case 'positions.changed':
      return setPositions(event.payload);
    case 'connection.changed':
      return putConnection(event.payload);
    case 'activity.added':
      return putActivity(event.payload);
    case 'notice.raised':
      return putNotice(event.payload);
    case 'notice.cleared':
      return dropNotice(event.payload.id);
    case 'journal.changed':
      return useStatus.setState({ journal: event.payload });
    case 'equity.added':
      // The Performance screen reads its history itself.
      return undefined;
  }
}

/** The one place where the desk's data enters the stores. */
export const storeSink: SyncSink = {
  link: (state) => setLink(state, Date.now()),
  failed: (message) => useStatus.setState({ loadError: message }),
  event: applyEvent,
  quotes: putQuotes,
  snapshot: (snapshot) => {
    const { identity, startup, config, risk, journal } = snapshot;
    alignClock(snapshot.now);
    setMarket(snapshot.quotes, snapshot.instruments);
    setRecommendations(snapshot.recommendations);
    setOrders(snapshot.orders);
    setPositions(snapshot.positions);
    setConnections(snapshot.connections);
    setActivity(snapshot.activity);
    setNotices(snapshot.notices);
    useStatus.setState({ identity, startup, config, risk, journal, isLoaded: true });
  },
};
