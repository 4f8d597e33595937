import { useEffect, useMemo } from 'react';
import type { TradeOrigin, TradeQuery } from '#shared/contract/journal-views.ts';
import {
  accounts,
  changeFilter,
  clearFilter,
  labels,
  sortBy,
  summary,
  totals,
  tradeList,
  useJournal,
} from '#renderer/src/store/journal.ts';
import { useClock } from '#renderer/src/store/clock.ts';
import { useInstruments } from '#renderer/src/store/market.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { sentence } from '#renderer/src/ui/words.ts';
import { DayFields, InputField, Segments, SelectField } from './fields.tsx';
import { FilterBar } from './filter-bar.tsx';
import css from './filter-bar.module.css';
import { ORIGINS, OUTCOMES, tradeChips } from './filter-words.ts';
import { FirstTradeActions, ListStates } from './list-states.tsx';
import { RowGrid } from './row-grid.tsx';
import { SummaryStrip } from './summary-strip.tsx';
import { tradeColumns } from './trade-columns.tsx';
import { accountName } from './trade-words.ts';

const cls = styler(css);

const ORIGIN_CHOICES = (['all', 'own', 'imported'] as const).map((value) => ({ value, label: ORIGINS[value] }));
const SIDES = [
  { value: '1', label: '▲ Long' },
  { value: '-1', label: '▼ Short' },
];
const OUTCOME_CHOICES = (['win', 'loss', 'flat'] as const).map((value) => ({
  value,
  label: sentence(OUTCOMES[value]),
}));
const RATINGS = [1, 2, 3, 4, 5].map((stars) => ({
  value: String(stars),
  label: stars === 5 ? '★ 5' : `★ ${stars} or more`,
}));

const directionOf = (value: string | undefined): TradeQuery['direction'] =>
  value === '1' ? 1 : value === '-1' ? -1 : undefined;
const outcomeOf = (value: string | undefined): TradeQuery['outcome'] =>
  OUTCOME_CHOICES.find((choice) => choice.value === value)?.value;

const readChoices = () => {
  labels.show('all');
  accounts.show('all');
  totals.show('all');
};

type Counted = readonly { readonly label: string; readonly count: number }[];
const labelChoices = (list: Counted | undefined) =>
  (list ?? []).map(({ label, count }) => ({ value: label, label: `${label} (${count})` }));

function Written({ filter }: { readonly filter: TradeQuery }) {
  const known = labels.use((s) => s.value);
  return (
    <>
      <SelectField
        label="Tag"
        none="Any"
        value={filter.tag}
        choices={labelChoices(known?.tags)}
        onChange={(tag) => changeFilter({ tag })}
      />
      <SelectField
        label="Setup"
        none="Any"
        value={filter.setup}
        choices={labelChoices(known?.setups)}
        onChange={(setup) => changeFilter({ setup })}
      />
      <SelectField
        label="Mistake"
        none="Any"
        value={filter.mistake}
        choices={labelChoices(known?.mistakes)}
        onChange={(mistake) => changeFilter({ mistake })}
      />
      <SelectField
        label="Rated"
        none="Any"
        value={filter.minRating === undefined ? undefined : String(filter.minRating)}
        choices={RATINGS}
        onChange={(value) => changeFilter({ minRating: value === undefined ? undefined : Number(value) })}
      />
    </>
  );
}

/** The conditions on the trades. Each takes effect at once. */
export function TradeFilterForm({ hasDays = true }: { readonly hasDays?: boolean }) {
  const filter = useJournal((s) => s.filter);
  const known = accounts.use((s) => s.value);
  const markets = totals.use((s) => s.value?.bySymbol);
  return (
    <div className={cls('fields')}>
      <div className={cls('wide')}>
        <Segments<TradeOrigin>
          label="Origin"
          value={filter.origin ?? 'all'}
          choices={ORIGIN_CHOICES}
          onChange={(origin) => changeFilter({ origin })}
        />
      </div>
      <SelectField
        label="Account"
        none="Any"
        value={filter.account}
        choices={(known ?? []).map((value) => ({ value, label: accountName(value) }))}
        onChange={(account) => changeFilter({ account })}
      />
      <SelectField
        label="Market"
        none="Any"
        value={filter.root}
        choices={(markets ?? []).map(({ root, summary: { count } }) => ({ value: root, label: `${root} (${count})` }))}
        onChange={(root) => changeFilter({ root })}
      />
      <SelectField
        label="Side"
        none="Any"
        value={filter.direction === undefined ? undefined : String(filter.direction)}
        choices={SIDES}
        onChange={(value) => changeFilter({ direction: directionOf(value) })}
      />
      <SelectField
        label="Outcome"
        none="Any"
        value={filter.outcome}
        choices={OUTCOME_CHOICES}
        onChange={(value) => changeFilter({ outcome: outcomeOf(value) })}
      />
      {hasDays && <DayFields days={filter} onChange={changeFilter} />}
      <InputField
        label="Contract"
        placeholder="NQZ26-CME"
        maxLength={64}
        value={filter.symbol ?? ''}
        onText={(symbol) => changeFilter({ symbol: symbol.trim() })}
      />
      <Written filter={filter} />
    </div>
  );
}

const search = (text: string) => changeFilter({ text });

/** Search, chips and form over trades; the calendar uses it without its days. */
export function TradeFilterBar({ hasDays = true }: { readonly hasDays?: boolean }) {
  const filter = useJournal((s) => s.filter);
  const chips = tradeChips(filter).filter(({ key }) => hasDays || key !== 'days');
  return (
    <FilterBar<TradeQuery>
      search={{ value: filter.text ?? '', placeholder: 'Search notes, tags, setups', onSearch: search }}
      chips={chips}
      form={<TradeFilterForm hasDays={hasDays} />}
      onChange={changeFilter}
      onClear={clearFilter}
      onOpen={readChoices}
    />
  );
}

/** The first look at a journal without trades: what fills it. */
function FirstUse() {
  const startup = useStatus((s) => s.startup);
  if (startup?.phase === 'warm-up') {
    return (
      <Empty title="The desk is making its history">
        {startup.text}, {startup.done} of {startup.total}. Its trades are listed here as they close.
      </Empty>
    );
  }
  return (
    <Empty title="No trade in the journal yet" actions={<FirstTradeActions />}>
      Approve a recommendation on the Desk and its trade appears when it closes, or bring trades from another program:
      drop its file anywhere on this screen.
    </Empty>
  );
}

function Nothing() {
  const filter = useJournal((s) => s.filter);
  if (tradeChips(filter).length === 0) return <FirstUse />;
  return (
    <Empty title="No trade fits" actions={<Button onClick={clearFilter}>Clear all conditions</Button>}>
      The conditions above hold together. Take one away to see more.
    </Empty>
  );
}

const DAY_MS = 86_400_000;

/** The closed trades: what they come to, and each of them. */
export function TradesPanel() {
  const filter = useJournal((s) => s.filter);
  const sort = useJournal((s) => s.sort);
  const instruments = useInstruments((s) => s.bySymbol);
  const today = useClock((s) => Math.floor(s.now / DAY_MS) * DAY_MS);
  const columns = useMemo(() => tradeColumns(instruments, today), [instruments, today]);
  useEffect(() => {
    tradeList.show({ filter, sort });
    summary.show(filter);
  }, [filter, sort]);
  return (
    <>
      <TradeFilterBar />
      <SummaryStrip />
      <ListStates list={tradeList} what="trades" empty={<Nothing />}>
        <RowGrid name="trades" label="Trades" list={tradeList} columns={columns} sort={sort} onSort={sortBy} />
      </ListStates>
    </>
  );
}
