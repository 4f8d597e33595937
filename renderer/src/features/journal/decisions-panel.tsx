import { useEffect, useMemo } from 'react';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { DASH, moneyText, percentText, ratioText } from '#shared/format/numbers.ts';
import { statusText } from '#shared/wording/index.ts';
import { changeDecisionFilter, clearDecisionFilter, decisionList, useJournal } from '#renderer/src/store/journal.ts';
import type { DecisionFilter } from '#renderer/src/store/journal.ts';
import { useClock } from '#renderer/src/store/clock.ts';
import { useInstruments } from '#renderer/src/store/market.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import {
  contractName,
  directionSign,
  directionWord,
  sentence,
  shorten,
  signalDirection,
} from '#renderer/src/ui/words.ts';
import { DayFields, InputField, SelectField } from './fields.tsx';
import { FilterBar } from './filter-bar.tsx';
import fieldCss from './filter-bar.module.css';
import { decisionChips, STATE_CHOICES, STATUS_CHOICES } from './filter-words.ts';
import { ListStates } from './list-states.tsx';
import css from './row-grid.module.css';
import { RowGrid } from './row-grid.tsx';
import type { Column } from './row-grid.tsx';
import { closedText } from './trade-words.ts';

const cls = styler({ ...css, ...fieldCss });

const ENDS: Readonly<Record<Recommendation['state'], string>> = {
  proposed: 'Proposed',
  approved: '✓ Approved',
  overridden: 'Changed',
  rejected: 'Rejected',
  expired: 'Expired',
  superseded: 'Replaced',
  blocked: 'No trade',
};

/** How it ended; a changed size says from what to what. */
function End({ recommendation }: { readonly recommendation: Recommendation }) {
  const { state, decision, approvedContracts } = recommendation;
  if (state === 'overridden') {
    return (
      <span className={cls('strong', 'changed')}>
        {decision.contracts} → {approvedContracts ?? 0}
      </span>
    );
  }
  const isQuiet = state === 'blocked' || state === 'expired' || state === 'superseded';
  return <span className={cls(isQuiet && 'quiet')}>{ENDS[state]}</span>;
}

function Side({ recommendation }: { readonly recommendation: Recommendation }) {
  const direction = signalDirection(recommendation);
  if (direction === 0) return <span className={cls('quiet')}>{DASH}</span>;
  return <>{`${directionSign(direction)} ${directionWord(direction)}`}</>;
}

const columnsAt = (now: number): readonly Column<Recommendation>[] => [
  { id: 'at', title: 'Decided', width: '96px', cell: ({ createdAt }) => closedText(createdAt, now) },
  {
    id: 'symbol',
    title: 'Symbol',
    width: '64px',
    cell: ({ symbol }) => (
      <span className={cls('strong')} title={symbol}>
        {contractName(symbol)}
      </span>
    ),
  },
  { id: 'side', title: 'Side', width: '58px', cell: (row) => <Side recommendation={row} /> },
  {
    id: 'size',
    title: 'Size',
    width: '34px',
    isNumber: true,
    cell: ({ decision }) => (
      <span className={cls(decision.contracts === 0 ? 'quiet' : 'strong')}>{decision.contracts}</span>
    ),
  },
  { id: 'end', title: 'Ended', width: '80px', cell: (row) => <End recommendation={row} /> },
  {
    id: 'p',
    title: 'p',
    hint: 'Win probability used',
    width: '56px',
    isNumber: true,
    from: 660,
    cell: ({ decision }) => percentText(decision.winProbability, 1),
  },
  {
    id: 'b',
    title: 'b',
    hint: 'Win / loss ratio used',
    width: '40px',
    isNumber: true,
    from: 660,
    cell: ({ decision }) => ratioText(decision.winLossRatio),
  },
  {
    id: 'f',
    title: 'Kelly',
    hint: 'Fraction of equity after evidence, λ and cap',
    width: '58px',
    isNumber: true,
    from: 1000,
    cell: ({ decision }) => percentText(decision.kellyFraction),
  },
  {
    id: 'risk',
    title: 'Risk',
    width: '84px',
    isNumber: true,
    from: 1000,
    cell: ({ decision }) => (decision.contracts === 0 ? DASH : moneyText(decision.risk)),
  },
  {
    id: 'why',
    title: 'Why',
    width: 'minmax(120px, 1fr)',
    cell: ({ decision, reason }) => {
      const words = reason === null ? '' : ` · your reason: ${reason.text === '' ? reason.code : reason.text}`;
      const text = `${sentence(statusText(decision))}${words}`;
      // The column before says that there was no trade, or that it was sized: here is the reason alone.
      const cause = shorten(statusText(decision), 64).replace(/^(No trade: |Bound by )/i, '');
      const shown = `${sentence(cause)}${words}`;
      return (
        <span className={cls('why', 'medium')} title={text}>
          {shown}
        </span>
      );
    },
  },
];

function FilterForm() {
  const filter = useJournal((s) => s.decisionFilter);
  const instruments = useInstruments((s) => s.bySymbol);
  const symbols = Object.keys(instruments);
  return (
    <div className={cls('fields')}>
      <SelectField
        label="Ended"
        none="Any way"
        value={filter.state}
        choices={STATE_CHOICES}
        onChange={(value) =>
          changeDecisionFilter({ state: STATE_CHOICES.find((choice) => choice.value === value)?.value })
        }
      />
      <div className={cls('wide')}>
        <SelectField
          label="Why"
          none="Anything"
          value={filter.status}
          choices={STATUS_CHOICES}
          onChange={(value) =>
            changeDecisionFilter({ status: STATUS_CHOICES.find((choice) => choice.value === value)?.value })
          }
        />
      </div>
      <InputField
        label="Contract"
        value={filter.symbol ?? ''}
        maxLength={64}
        placeholder={symbols[0] ?? 'NQZ26-CME'}
        choices={symbols}
        onText={(symbol) => changeDecisionFilter({ symbol: symbol.trim() })}
      />
      <DayFields days={filter} onChange={changeDecisionFilter} />
    </div>
  );
}

function Nothing() {
  const filter = useJournal((s) => s.decisionFilter);
  if (decisionChips(filter).length === 0) {
    return (
      <Empty title="No decision yet">
        Every signal that the desk sizes, vetoes or blocks is recorded here with its ladder, whatever became of it.
      </Empty>
    );
  }
  return (
    <Empty title="No decision fits" actions={<Button onClick={clearDecisionFilter}>Clear all conditions</Button>}>
      The conditions above hold together. Take one away to see more.
    </Empty>
  );
}

const search = (text: string) => changeDecisionFilter({ text });
const DAY_MS = 86_400_000;

/** Every decision of the desk, with its reasons and how it ended. */
export function DecisionsPanel() {
  const filter = useJournal((s) => s.decisionFilter);
  const today = useClock((s) => Math.floor(s.now / DAY_MS) * DAY_MS);
  const columns = useMemo(() => columnsAt(today), [today]);
  useEffect(() => decisionList.show(filter), [filter]);
  return (
    <>
      <FilterBar<DecisionFilter>
        search={{ value: filter.text ?? '', placeholder: 'Search your reasons and notes', onSearch: search }}
        chips={decisionChips(filter)}
        form={<FilterForm />}
        onChange={changeDecisionFilter}
        onClear={clearDecisionFilter}
      />
      <ListStates list={decisionList} what="decisions" empty={<Nothing />}>
        <RowGrid name="decisions" label="Decisions" list={decisionList} columns={columns} />
      </ListStates>
    </>
  );
}
