import { useEffect, useEffectEvent } from 'react';
import type { ReactNode } from 'react';
import type { TradeSort } from '#shared/contract/journal-views.ts';
import { rowHeight, useAppearance } from '#renderer/src/store/appearance.ts';
import { useSizeClass } from '#renderer/src/features/desk/use-size-class.ts';
import { followRows, openSelected, selectIndex, useJournal } from '#renderer/src/store/journal.ts';
import type { JournalList } from '#renderer/src/store/journal.ts';
import { rowAt } from '#renderer/src/store/paged-list.ts';
import type { PagedList } from '#renderer/src/store/paged-list.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { useRowWindow } from './use-row-window.ts';
import css from './row-grid.module.css';

const cls = styler(css);

export type Column<Row> = {
  readonly id: string;
  readonly title: string;
  /** What the title means, where it is short. */
  readonly hint?: string;
  /** A track of the grid: '92px', 'minmax(60px, 1fr)'. */
  readonly width: string;
  readonly isNumber?: boolean;
  readonly sort?: TradeSort['by'];
  /** Shown from this width of the list on, in px. */
  readonly from?: number;
  readonly cell: (row: Row) => ReactNode;
};

const ROW_HEIGHT = { compact: 24, regular: 26, wide: 26 } as const;

/** Height of a row: as the trader chose, or as the size class has it. */
function useRowHeight(): number {
  const chosen = useAppearance((s) => rowHeight(s.density));
  const usual = ROW_HEIGHT[useSizeClass()];
  return chosen ?? usual;
}
const HEAD_HEIGHT = 24;

type HeadProps<Row> = {
  readonly columns: readonly Column<Row>[];
  readonly sort: TradeSort | null;
  readonly onSort: ((by: TradeSort['by']) => void) | null;
};

function Head<Row>({ columns, sort, onSort }: HeadProps<Row>) {
  return (
    <div role="row" className={cls('row', 'head')} aria-rowindex={1}>
      {columns.map((column) => {
        const { sort: by } = column;
        const isSorted = by !== undefined && sort?.by === by;
        const order = isSorted ? (sort.isDescending ? 'descending' : 'ascending') : undefined;
        const caret = isSorted ? (sort.isDescending ? ' ▼' : ' ▲') : '';
        return (
          <span
            key={column.id}
            role="columnheader"
            className={cls('cell', column.isNumber === true && 'number')}
            aria-sort={order}
            title={column.hint}
            aria-label={column.hint === undefined ? undefined : `${column.title}, ${column.hint}`}
          >
            {by === undefined || onSort === null ? (
              column.title
            ) : (
              <button type="button" className={cls('sort', isSorted && 'sorted')} onClick={() => onSort(by)}>
                {column.title}
                <span aria-hidden="true">{caret}</span>
              </button>
            )}
          </span>
        );
      })}
    </div>
  );
}

type RowProps<Row> = {
  readonly id: string;
  readonly row: Row | undefined;
  readonly index: number;
  readonly columns: readonly Column<Row>[];
  readonly isSelected: boolean;
  readonly onPick: (index: number) => void;
};

function GridRow<Row>({ id, row, index, columns, isSelected, onPick }: RowProps<Row>) {
  return (
    <div
      role="row"
      id={id}
      className={cls('row', 'body', isSelected && 'selected')}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      onClick={() => onPick(index)}
    >
      {columns.map((column) => (
        <span key={column.id} role="gridcell" className={cls('cell', column.isNumber === true && 'number')}>
          {row === undefined ? <span className={cls('absent')} aria-hidden="true" /> : column.cell(row)}
        </span>
      ))}
    </div>
  );
}

type GridProps<Query, Row> = {
  readonly name: JournalList;
  readonly label: string;
  readonly list: PagedList<Query, Row>;
  readonly columns: readonly Column<Row>[];
  readonly sort?: TradeSort;
  readonly onSort?: (by: TradeSort['by']) => void;
};

const pick = (name: JournalList) => (index: number) => {
  selectIndex(name, index);
  openSelected(name);
};
const PICKS = { trades: pick('trades'), decisions: pick('decisions') } as const;

/** Keeps the list and the selection true to what is on screen. */
function useFollowing<Query, Row>(
  { name, list }: GridProps<Query, Row>,
  view: Omit<ReturnType<typeof useRowWindow>, 'attach'>,
): void {
  const { first, last } = view.window;
  const generation = list.use((s) => s.generation);
  const pages = list.use((s) => s.pages);
  const key = list.use((s) => s.key);
  const index = useJournal((s) => s.selection[name]?.index ?? null);
  useEffect(() => {
    if (last >= first) list.need(first, last);
  }, [list, first, last, generation]);
  useEffect(() => followRows(name), [name, pages]);
  const toTop = useEffectEvent(() => {
    if (useJournal.getState().selection[name] === null) view.toTop();
  });
  useEffect(() => toTop(), [key]);
  const toSelected = useEffectEvent((at: number) => view.scrollTo(at));
  useEffect(() => {
    if (index !== null) toSelected(index);
  }, [index]);
}

/** A list of any length: only the rows on screen exist, and only their pages are held. */
export function RowGrid<Query, Row>(props: GridProps<Query, Row>) {
  const { name, label, list, columns, sort, onSort } = props;
  const total = list.use((s) => s.total ?? 0);
  const pages = list.use((s) => s.pages);
  const isSwitching = list.use((s) => s.isSwitching);
  const selected = useJournal((s) => s.selection[name]?.index ?? null);
  const { attach, ...view } = useRowWindow(total, useRowHeight(), HEAD_HEIGHT);
  useFollowing(props, view);
  const { first, last, shift, scrollHeight } = view.window;
  const shown = columns.filter(({ from }) => from === undefined || view.width >= from);
  const rowId = (index: number) => `${name}-row-${index}`;
  const isInView = selected !== null && selected >= first && selected <= last;
  return (
    <div
      ref={attach}
      role="grid"
      tabIndex={0}
      className={cls('grid', isSwitching && 'old')}
      style={{ ['--columns' as string]: shown.map(({ width }) => width).join(' ') }}
      aria-label={label}
      aria-rowcount={total + 1}
      aria-colcount={shown.length}
      aria-busy={isSwitching}
      aria-activedescendant={isInView ? rowId(selected) : undefined}
      onScroll={view.onScroll}
    >
      <Head columns={shown} sort={sort ?? null} onSort={onSort ?? null} />
      <div style={{ height: scrollHeight }}>
        <div className={cls('window')} style={{ height: Math.min(view.viewHeight, scrollHeight) }}>
          <div style={{ transform: `translateY(${-shift}px)` }}>
            {Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i).map((index) => (
              <GridRow
                key={index}
                id={rowId(index)}
                row={rowAt({ pages }, index, list.pageSize)}
                index={index}
                columns={shown}
                isSelected={index === selected}
                onPick={PICKS[name]}
              />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}
