import { useEffect, useState } from 'react';
import type { InstrumentView } from '#shared/contract/instrument-operations.ts';
import type { OutputOf } from '#shared/contract/index.ts';
import type { Instrument, SessionCalendar } from '#shared/domain/instrument.ts';
import { countText, DASH, moneyText, numberText } from '#shared/format/numbers.ts';
import { usdOf } from '#shared/units.ts';
import { InputField } from '#renderer/src/features/journal/fields.tsx';
import { costsTarget, instrumentsReading, setCosts } from '#renderer/src/store/instruments.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Skeleton, Strip } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { isoDayText } from '#renderer/src/ui/times.ts';
import { contractName } from '#renderer/src/ui/words.ts';
import { storedValue } from './limit-words.ts';
import shared from './settings.module.css';
import css from './instruments.module.css';

const cls = styler({ ...shared, ...css });

const SESSIONS: Readonly<Record<SessionCalendar, string>> = {
  always: 'never closes',
  cme: 'Globex week',
  nyse: 'regular stock hours',
};

const tickText = ({ tickSize }: Instrument): string => {
  const denominator = Math.round(1 / tickSize);
  const isBinary = denominator >= 32 && (denominator & (denominator - 1)) === 0;
  return isBinary ? `1/${denominator}` : String(Number(tickSize.toPrecision(8)));
};

/** With as many decimals as it has, and at least cents: a tick of ZN is worth $15.625. */
const tickValueText = ({ tickValue }: Instrument): string =>
  moneyText(tickValue, tickValue % 100 === 0 ? 2 : tickValue % 10 === 0 ? 3 : 4);

const correlatedText = ({ correlated }: InstrumentView): string =>
  correlated.length === 0 ? 'none' : correlated.map(({ root, rho }) => `${root} ${numberText(rho, 2)}`).join(', ');

const costsText = ({ roundTurnFee, slippageTicks }: Instrument): string =>
  `${moneyText(roundTurnFee)} + ${slippageTicks === 1 ? '1 tick' : `${countText(slippageTicks)} ticks`}`;

/** What is typed: nothing puts it back to standard, undefined is no number. */
const costOf = (text: string): number | null | undefined =>
  text.trim() === '' ? null : (storedValue('count', text) ?? undefined);

type EditProps = { readonly view: InstrumentView; readonly onClose: () => void };

function Edit({ view: { instrument, costs }, onClose }: EditProps) {
  const { root } = instrument;
  const [fee, setFee] = useState(costs.roundTurnFeeUsd === null ? '' : String(costs.roundTurnFeeUsd));
  const [slippage, setSlippage] = useState(costs.slippageTicks === null ? '' : String(costs.slippageTicks));
  const failure = useUi((s) => s.failures[costsTarget(root)]);
  const isLive = useStatus((s) => s.link === 'live');
  const [roundTurnFeeUsd, slippageTicks] = [costOf(fee), costOf(slippage)];
  const wrong =
    roundTurnFeeUsd === undefined
      ? `Fee is ${fee}: type digits, with a point or comma, or nothing for the usual one.`
      : slippageTicks === undefined
        ? `Slippage is ${slippage}: type a whole number of ticks, or nothing for the usual one.`
        : null;
  const save = async (): Promise<void> => {
    if (roundTurnFeeUsd === undefined || slippageTicks === undefined) return;
    if (await setCosts({ root, costs: { roundTurnFeeUsd, slippageTicks } })) onClose();
  };
  return (
    <form
      className={cls('edit')}
      aria-label={`Costs of ${root}`}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <InputField
        label="Fee, entry and exit, in USD"
        inputMode="decimal"
        placeholder={String(usdOf(instrument.roundTurnFee))}
        value={fee}
        onText={setFee}
      />
      <InputField
        label="Slippage at a stop, in ticks"
        inputMode="numeric"
        placeholder={String(instrument.slippageTicks)}
        value={slippage}
        onText={setSlippage}
      />
      <Button aria-disabled={wrong !== null || !isLive} onClick={() => void save()}>
        Save costs
      </Button>
      <Button variant="quiet" onClick={onClose}>
        Cancel
      </Button>
      {(wrong ?? failure) !== undefined && (
        <p role="alert" className={cls('error', 'below')}>
          {wrong ?? failure}
        </p>
      )}
    </form>
  );
}

function Row({ view }: { readonly view: InstrumentView }) {
  const [isOpen, setOpen] = useState(false);
  const { instrument, source, lock } = view;
  const { symbol, name, exchange, calendar, lastTradeDate, initialMargin } = instrument;
  return (
    <>
      <tr>
        <th scope="row">
          <strong>{contractName(symbol)}</strong> <span className={cls('soft')}>{exchange}</span>
        </th>
        <td>
          {tickText(instrument)} = {tickValueText(instrument)}
        </td>
        <td>
          {SESSIONS[calendar]}, {view.isOpen ? 'open' : 'closed'}
        </td>
        <td>{lastTradeDate === null ? DASH : isoDayText(lastTradeDate)}</td>
        <td className={cls('figure')}>{initialMargin === null ? 'not stated' : moneyText(initialMargin)}</td>
        <td>{correlatedText(view)}</td>
        <td>{costsText(instrument)}</td>
        <td>
          <Button size="small" aria-label={`Change the costs of ${contractName(symbol)}`} onClick={() => setOpen(true)}>
            Change
          </Button>
        </td>
      </tr>
      <tr className={cls('under')}>
        <td colSpan={8}>
          <span className={cls('soft')}>
            {name}. From {source}.
          </span>
          {lock !== null && <span className={cls('error')}> ✕ Locked: {lock}.</span>}
          {view.isRestartNeeded && (
            <span className={cls('warned')}> Saved costs come into force at the next start.</span>
          )}
          {isOpen && <Edit view={view} onClose={() => setOpen(false)} />}
        </td>
      </tr>
    </>
  );
}

function Loaded({ value }: { readonly value: OutputOf<'instruments.list'> }) {
  return (
    <div className={cls('form', 'wide')}>
      <p className={cls('soft')}>
        A wrong tick value is a wrong size: ticks are those of the contract table, and an instrument whose broker says
        otherwise is locked. What trades cost is yours to set. Most contracts of any of them:{' '}
        {countText(value.maxContracts)}. Correlated from {numberText(value.rhoMin, 2)} on.
      </p>
      <table className={cls('instruments')} aria-label="Instruments">
        <thead>
          <tr>
            <th scope="col">Contract</th>
            <th scope="col">Tick</th>
            <th scope="col">Session</th>
            <th scope="col">Last trade</th>
            <th scope="col" className={cls('figure')}>
              Margin
            </th>
            <th scope="col">Correlated with</th>
            <th scope="col">Fee + slippage</th>
            <th scope="col">
              <span className={cls('spoken')}>Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {value.items.map((view) => (
            <Row key={view.instrument.symbol} view={view} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What is traded: ticks, sessions, margins and costs, where each is from, and what of it can be set. */
export function InstrumentsSection() {
  const { value, failure } = instrumentsReading.use();
  const isLive = useStatus((s) => s.link === 'live');
  useEffect(() => {
    if (!isLive) return;
    instrumentsReading.show('instruments');
    instrumentsReading.refresh();
  }, [isLive]);
  if (value !== null) return <Loaded value={value} />;
  if (failure === null) return <Skeleton rows={6} text="Reading the instruments" />;
  return (
    <Strip
      tone="loss"
      title="The instruments could not be read."
      action={
        <Button size="small" onClick={() => instrumentsReading.refresh()}>
          Try again
        </Button>
      }
    >
      {failure}
    </Strip>
  );
}
