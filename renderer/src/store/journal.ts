import { z } from 'zod';
import { create } from 'zustand';
import { deskClient } from '#renderer/src/api/client.ts';
import type { OutputOf } from '#shared/contract/index.ts';
import { tradeQuerySchema } from '#shared/contract/journal-views.ts';
import type { DecisionQuery, TradeOrigin, TradeQuery, TradeRow, TradeSort } from '#shared/contract/journal-views.ts';
import { decisionStatusSchema } from '#shared/domain/decision.ts';
import type { Subject } from '#shared/domain/annotation.ts';
import { recommendationStateSchema } from '#shared/domain/recommendation.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { daysAfter, sessionStart } from '#shared/session-day.ts';
import { createPagedList } from './paged-list.ts';
import { createReading } from './reading.ts';

export type JournalTab = 'trades' | 'decisions' | 'calendar' | 'imports';
export type JournalList = 'trades' | 'decisions';

/** What the decisions are narrowed by, as the trader sets it: whole session days, inclusive. */
const decisionFilterSchema = z.strictObject({
  symbol: z.string().max(64).optional(),
  state: recommendationStateSchema.optional(),
  status: decisionStatusSchema.optional(),
  fromDay: z.iso.date().optional(),
  toDay: z.iso.date().optional(),
  text: z.string().max(200).optional(),
});
export type DecisionFilter = z.output<typeof decisionFilterSchema>;

export type OpenDetail =
  { readonly kind: 'trade'; readonly trade: TradeRow } | { readonly kind: 'recommendation'; readonly id: string };

type Selection = { readonly index: number; readonly id: string | null };

/** What the trader is doing on the Journal screen. */
export type JournalState = {
  readonly tab: JournalTab;
  readonly filter: TradeQuery;
  readonly sort: TradeSort;
  readonly decisionFilter: DecisionFilter;
  readonly selection: Readonly<Record<JournalList, Selection | null>>;
  readonly open: OpenDetail | null;
  /** Month of the calendar, 'YYYY-MM'; null: that of the last trade. */
  readonly month: string | null;
};

/** Everything, whoever traded it: the desk would leave imported trades out if nothing was said. */
export const NO_FILTER: TradeQuery = { origin: 'all' };
const NO_DECISION_FILTER: DecisionFilter = {};

export const useJournal = create<JournalState>()(() => ({
  tab: 'trades',
  filter: NO_FILTER,
  sort: { by: 'exit', isDescending: true },
  decisionFilter: NO_DECISION_FILTER,
  selection: { trades: null, decisions: null },
  open: null,
  month: null,
}));

type TradeListQuery = { readonly filter: TradeQuery; readonly sort: TradeSort };

/** The trades of the filter, in the order chosen. */
export const tradeList = createPagedList<TradeListQuery, TradeRow>({
  load: async ({ query, limit, offset }) => {
    const { total, trades } = await deskClient().call('journal.trades', { ...query, limit, offset });
    return { total, rows: trades };
  },
});

/** The decisions of their filter, newest first. */
export const decisionList = createPagedList<DecisionFilter, Recommendation>({
  load: async ({ query, limit, offset }) => {
    const filter = decisionQuery(query);
    const { total, recommendations } = await deskClient().call('journal.decisions', { filter, limit, offset });
    return { total, rows: recommendations };
  },
  // A recommendation carries its whole ladder: a page of trades is a tenth of a page of these.
  pageSize: 50,
});

/** The filter as the desk takes it: session days as the moments they begin and end. */
export function decisionQuery({ fromDay, toDay, ...rest }: DecisionFilter): DecisionQuery {
  return {
    ...rest,
    ...(fromDay === undefined ? {} : { from: sessionStart(fromDay) }),
    ...(toDay === undefined ? {} : { to: sessionStart(daysAfter(toDay, 1)) }),
  };
}

export const summary = createReading((filter: TradeQuery) => deskClient().call('journal.summary', { filter }));
export const calendar = createReading((filter: TradeQuery) => deskClient().call('journal.calendar', { filter }));
export const labels = createReading<'all', OutputOf<'journal.labels'>>(() => deskClient().call('journal.labels', {}));
export const accounts = createReading<'all', OutputOf<'journal.accounts'>>(() =>
  deskClient().call('journal.accounts', {}),
);
export const imports = createReading<'all', OutputOf<'journal.imports'>>(() =>
  deskClient().call('journal.imports', {}),
);
export const mappings = createReading<'all', OutputOf<'journal.mappings'>>(() =>
  deskClient().call('journal.mappings', {}),
);
/** Sums over everything: which markets there are, and whether there is anything at all. */
export const totals = createReading<'all', OutputOf<'journal.summary'>>(() =>
  deskClient().call('journal.summary', { filter: NO_FILTER }),
);
/** The decision a detail shows. */
export const recommendation = createReading((id: string) => deskClient().call('recommendation.get', { id }));

const withoutEmpty = (filter: object): object =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== ''));

/** Values of a filter to change; undefined takes a condition away. */
export type Change<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Changes conditions of the trade filter. */
export function changeFilter(change: Change<TradeQuery>): void {
  useJournal.setState((state) => ({
    filter: tradeQuerySchema.parse({ ...NO_FILTER, ...withoutEmpty({ ...state.filter, ...change }) }),
    selection: { ...state.selection, trades: null },
  }));
}

/** Takes all conditions away. */
export const clearFilter = (): void =>
  useJournal.setState((state) => ({ filter: NO_FILTER, selection: { ...state.selection, trades: null } }));

/** Changes conditions of the decision filter. */
export function changeDecisionFilter(change: Change<DecisionFilter>): void {
  useJournal.setState((state) => ({
    decisionFilter: decisionFilterSchema.parse(withoutEmpty({ ...state.decisionFilter, ...change })),
    selection: { ...state.selection, decisions: null },
  }));
}

export const clearDecisionFilter = (): void =>
  useJournal.setState((state) => ({
    decisionFilter: NO_DECISION_FILTER,
    selection: { ...state.selection, decisions: null },
  }));

/** Sorts by a column: again the same turns the order round. Figures begin with the largest. */
export function sortBy(by: TradeSort['by']): void {
  useJournal.setState(({ sort, selection }) => ({
    sort: { by, isDescending: sort.by === by ? !sort.isDescending : by !== 'symbol' },
    selection: { ...selection, trades: null },
  }));
}

/** Shows a tab; an open detail of another kind closes. */
export const showTab = (tab: JournalTab): void =>
  useJournal.setState((state) => ({ tab, open: tab === state.tab ? state.open : null }));

/** Shows the trades of one session day. */
export function showDay(day: string): void {
  changeFilter({ fromDay: day, toDay: day });
  showTab('trades');
}

/** Shows trades of one origin and nothing else narrowed. */
export function showOrigin(origin: TradeOrigin): void {
  clearFilter();
  changeFilter({ origin });
  showTab('trades');
}

const lists = { trades: tradeList, decisions: decisionList } as const;

/** The list of the tab in use; null on the others. */
export const currentList = (): JournalList | null => {
  const { tab } = useJournal.getState();
  return tab === 'trades' || tab === 'decisions' ? tab : null;
};

/** Selects the row at an index, within the list; an open detail follows. */
export function selectIndex(list: JournalList, index: number): void {
  const total = lists[list].use.getState().total ?? 0;
  if (total === 0) return;
  const at = Math.max(0, Math.min(total - 1, index));
  const row = lists[list].at(at);
  useJournal.setState((state) => ({
    selection: { ...state.selection, [list]: { index: at, id: row?.id ?? null } },
  }));
  if (useJournal.getState().open !== null) openSelected(list);
}

/** Moves the selection by `step` rows, stopping at the ends. The first move selects the first row. */
export function moveSelected(list: JournalList, step: number): void {
  const held = useJournal.getState().selection[list];
  selectIndex(list, held === null ? 0 : held.index + step);
}

/** Opens the detail of the selected row, once it is there. */
export function openSelected(list: JournalList): void {
  const held = useJournal.getState().selection[list];
  if (held === null) return;
  if (list === 'trades') {
    const trade = tradeList.at(held.index);
    if (trade !== undefined) useJournal.setState({ open: { kind: 'trade', trade } });
    return;
  }
  const decision = decisionList.at(held.index);
  if (decision !== undefined) openDecision(decision.id);
}

/** Opens a decision record. */
export const openDecision = (id: string): void => useJournal.setState({ open: { kind: 'recommendation', id } });

export const closeDetail = (): void => useJournal.setState({ open: null });

/** What an open detail is about. */
export const subjectOf = (open: OpenDetail): Subject =>
  open.kind === 'trade' ? { kind: 'trade', id: open.trade.id } : { kind: 'recommendation', id: open.id };

/** After rows came: the selection keeps its row, not its place, and an open detail shows the row as it is now. */
export function followRows(list: JournalList): void {
  const { selection, open } = useJournal.getState();
  const held = selection[list];
  if (held !== null) {
    const row = lists[list].at(held.index);
    const index = held.id === null || row?.id === held.id ? held.index : (findRow(list, held.id) ?? held.index);
    const id = lists[list].at(index)?.id ?? held.id;
    if (index !== held.index || id !== held.id) {
      useJournal.setState({ selection: { ...selection, [list]: { index, id } } });
    }
    if (held.id === null && id !== null && open !== null) openSelected(list);
  }
  if (list === 'trades' && open?.kind === 'trade') {
    const index = findRow('trades', open.trade.id);
    const trade = index === null ? undefined : tradeList.at(index);
    if (trade !== undefined && trade !== open.trade) useJournal.setState({ open: { kind: 'trade', trade } });
  }
}

const findRow = (list: JournalList, id: string): number | null =>
  list === 'trades' ? tradeList.find((row) => row.id === id) : decisionList.find((row) => row.id === id);

/** Reads everything on the screen again: trades were added, by trading or by an import. */
export function refreshJournal(): void {
  tradeList.refresh();
  summary.refresh();
  calendar.refresh();
  totals.refresh();
}
