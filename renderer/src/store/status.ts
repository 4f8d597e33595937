import { create } from 'zustand';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import type { LinkState } from '#shared/contract/wire.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import type { Activity, Connection, Notice, RiskMetrics, Startup } from '#shared/domain/status.ts';

type Identity = DeskSnapshot['identity'];
type JournalStatus = DeskSnapshot['journal'];

/** The desk itself and the wire to it. Null until the first snapshot. */
export type StatusState = {
  readonly link: LinkState;
  /** When the wire was lost, epoch ms of this machine; null while it is up. */
  readonly lostAt: number | null;
  readonly retryAt: number | null;
  readonly loadError: string | null;
  /** The journal is damaged: nothing else can be shown until it was restored. */
  readonly needsRecovery: boolean;
  readonly isLoaded: boolean;
  readonly identity: Identity | null;
  readonly startup: Startup | null;
  readonly config: SizingConfig | null;
  readonly risk: RiskMetrics | null;
  readonly journal: JournalStatus | null;
};

type ById<T> = { readonly ids: readonly string[]; readonly byId: Readonly<Record<string, T>> };

const MAX_ACTIVITY = 100;

export const useStatus = create<StatusState>()(() => ({
  link: 'connecting',
  lostAt: null,
  retryAt: null,
  loadError: null,
  needsRecovery: false,
  isLoaded: false,
  identity: null,
  startup: null,
  config: null,
  risk: null,
  journal: null,
}));
export const useConnections = create<ById<Connection>>()(() => ({ ids: [], byId: {} }));
export const useNotices = create<ById<Notice>>()(() => ({ ids: [], byId: {} }));
/** Newest first. */
export const useActivity = create<{ readonly items: readonly Activity[] }>()(() => ({ items: [] }));

const KIND_ORDER = { model: 0, market: 1, broker: 2 } as const;

const indexed = <T extends { readonly id: string }>(list: readonly T[]): ById<T> => ({
  ids: list.map((item) => item.id),
  byId: Object.fromEntries(list.map((item) => [item.id, item])),
});

/** Connections in the order models, market data, broker; within a kind as the desk lists them. */
export const setConnections = (list: readonly Connection[]): void =>
  useConnections.setState(indexed([...list].sort((a, b) => KIND_ORDER[a.kind] - KIND_ORDER[b.kind])));

/** Takes one connection in. */
export function putConnection(connection: Connection): void {
  const { byId } = useConnections.getState();
  if (byId[connection.id] === undefined) setConnections([...Object.values(byId), connection]);
  else useConnections.setState({ byId: { ...byId, [connection.id]: connection } });
}

/** Replaces all notices (snapshot), oldest first. */
export const setNotices = (list: readonly Notice[]): void => useNotices.setState(indexed(list));

/** Takes one notice in; the same id replaces the earlier one. */
export function putNotice(notice: Notice): void {
  useNotices.setState((state) => ({
    ids: state.ids.includes(notice.id) ? state.ids : [...state.ids, notice.id],
    byId: { ...state.byId, [notice.id]: notice },
  }));
}

/** Takes a notice away. */
export function dropNotice(id: string): void {
  useNotices.setState((state) => ({
    ids: state.ids.filter((other) => other !== id),
    byId: Object.fromEntries(Object.entries(state.byId).filter(([other]) => other !== id)),
  }));
}

const newestFirst = (items: readonly Activity[]): readonly Activity[] =>
  [...items].sort((a, b) => b.seq - a.seq).slice(0, MAX_ACTIVITY);

/** Replaces the activity feed (snapshot). */
export const setActivity = (items: readonly Activity[]): void => useActivity.setState({ items: newestFirst(items) });

/** Adds lines to the activity feed, each once. */
export function putActivity(added: readonly Activity[]): void {
  useActivity.setState((state) => {
    const bySeq = new Map([...added, ...state.items].map((item) => [item.seq, item]));
    return bySeq.size === state.items.length ? {} : { items: newestFirst([...bySeq.values()]) };
  });
}

/** Notes a change of the wire. */
export function setLink(link: LinkState, at: number): void {
  useStatus.setState((state) => ({ link, lostAt: link === 'live' ? null : (state.lostAt ?? at) }));
}
