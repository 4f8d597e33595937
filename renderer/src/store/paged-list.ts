import { create } from 'zustand';
import { failureText } from './actions.ts';

export type PageOf<Row> = { readonly total: number; readonly rows: readonly Row[] };
export type PageRequest<Query> = { readonly query: Query; readonly limit: number; readonly offset: number };

/** A long list of which only the pages around what is on screen are held. */
export type PagedState<Row> = {
  /** What is listed; null before the first `show`. */
  readonly key: string | null;
  /** Rows in all; null until the first answer. */
  readonly total: number | null;
  readonly pages: Readonly<Record<number, readonly Row[]>>;
  /** True while the rows shown still belong to the query before. */
  readonly isSwitching: boolean;
  /** Epoch ms of this machine when a page last came. */
  readonly readAt: number | null;
  readonly failure: string | null;
  /** Counts whole replacements of the rows: scroll positions and indices before it mean nothing after it. */
  readonly generation: number;
};

export type PagedOptions<Query, Row> = {
  readonly load: (request: PageRequest<Query>) => Promise<PageOf<Row>>;
  readonly pageSize?: number;
  /** Pages held at most; those farthest from the screen leave first. */
  readonly keep?: number;
};

const PAGE_SIZE = 200;
const KEEP = 12;
/** Requests under way at once: while scrolling fast only the newest wish is worth asking for. */
const AT_ONCE = 2;

const pagesOf = (first: number, last: number, size: number): readonly number[] => {
  const from = Math.floor(Math.max(0, first) / size);
  const to = Math.floor(Math.max(0, last) / size);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
};

const withoutFarthest = <Row>(pages: Readonly<Record<number, readonly Row[]>>, near: number, keep: number) =>
  Object.fromEntries(
    Object.entries(pages)
      .sort(([a], [b]) => Math.abs(Number(a) - near) - Math.abs(Number(b) - near))
      .slice(0, keep),
  );

/**
 * Lists rows that the desk holds, page by page: `show` says what, `need` which rows are on screen. Answers that a later
 * `show` or `refresh` has overtaken are dropped; while those of a new query are on their way the old rows stay.
 */
export function createPagedList<Query, Row>({ load, pageSize = PAGE_SIZE, keep = KEEP }: PagedOptions<Query, Row>) {
  const use = create<PagedState<Row>>()(() => ({
    key: null,
    total: null,
    pages: {},
    isSwitching: false,
    readAt: null,
    failure: null,
    generation: 0,
  }));
  let query: Query | null = null;
  let round = 0;
  let isFresh = false;
  let wanted: readonly [number, number] = [0, 0];
  const onTheirWay = new Set<number>();

  const adopt = (page: number, answer: PageOf<Row>) =>
    use.setState((state) => ({
      total: answer.total,
      pages: isFresh
        ? withoutFarthest({ ...state.pages, [page]: answer.rows }, Math.floor(wanted[0] / pageSize), keep)
        : { [page]: answer.rows },
      isSwitching: false,
      readAt: Date.now(),
      failure: null,
      generation: isFresh ? state.generation : state.generation + 1,
    }));

  const isHeld = (page: number) => isFresh && use.getState().pages[page] !== undefined;

  const readPage = async (page: number, asked: Query, current: number): Promise<void> => {
    onTheirWay.add(page);
    try {
      const answer = await load({ query: asked, limit: pageSize, offset: page * pageSize });
      if (current !== round) return;
      adopt(page, answer);
      isFresh = true;
    } catch (cause) {
      if (current === round) use.setState({ failure: failureText(cause) });
      return;
    } finally {
      if (current === round) onTheirWay.delete(page);
    }
    readWanted();
  };

  const readWanted = (): void => {
    const asked = query;
    if (asked === null) return;
    const { total } = use.getState();
    const last = isFresh && total !== null ? Math.min(wanted[1], total - 1) : wanted[1];
    if (last < wanted[0] && isFresh) return;
    for (const page of pagesOf(wanted[0], last, pageSize)) {
      if (onTheirWay.size >= AT_ONCE) return;
      if (!isHeld(page) && !onTheirWay.has(page)) void readPage(page, asked, round);
    }
  };

  const restart = (): void => {
    round += 1;
    isFresh = false;
    onTheirWay.clear();
    readWanted();
  };

  return {
    use,
    /** Lists the rows of a query; the same query again does nothing. */
    show: (next: Query): void => {
      const key = JSON.stringify(next);
      if (key === use.getState().key) return;
      query = next;
      wanted = [0, 0];
      use.setState((state) => ({ key, isSwitching: state.total !== null, failure: null }));
      restart();
    },
    /** Says which rows are on screen, by index; the pages that lack are read. */
    need: (first: number, last: number): void => {
      wanted = [first, last];
      if (use.getState().failure === null) readWanted();
    },
    /** Reads the rows on screen again; what is shown stays until they are there. */
    refresh: (): void => {
      if (query === null) return;
      use.setState({ failure: null });
      restart();
    },
    /** The row at an index; undefined while its page is not held. */
    at: (index: number): Row | undefined => rowAt(use.getState(), index, pageSize),
    /** Index of the first held row that fits; null when none does. */
    find: (fits: (row: Row) => boolean): number | null => {
      for (const [page, rows] of Object.entries(use.getState().pages)) {
        const at = rows.findIndex(fits);
        if (at >= 0) return Number(page) * pageSize + at;
      }
      return null;
    },
    /** Changes held rows in place, e.g. with an annotation that was just saved. */
    change: (fits: (row: Row) => boolean, next: (row: Row) => Row): void =>
      use.setState((state) => ({
        pages: Object.fromEntries(
          Object.entries(state.pages).map(([page, rows]) => [
            page,
            rows.some(fits) ? rows.map((row) => (fits(row) ? next(row) : row)) : rows,
          ]),
        ),
      })),
    pageSize,
  };
}

export type PagedList<Query, Row> = ReturnType<typeof createPagedList<Query, Row>>;

/** The row at an index of a list; undefined while its page is not held. */
export const rowAt = <Row>(state: Pick<PagedState<Row>, 'pages'>, index: number, pageSize: number): Row | undefined =>
  state.pages[Math.floor(index / pageSize)]?.[index % pageSize];
