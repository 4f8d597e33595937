import { useEffect, useId, useRef } from 'react';
import type { KeyboardEvent } from 'react';
import type { Assumptions } from '#shared/contract/views.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { factorText, moneyText, percentText, priceText, ratioText } from '#shared/format/numbers.ts';
import { money, MONEY_PER_USD, ticks } from '#shared/units.ts';
import { Ladder } from '#renderer/src/features/ladder/ladder.tsx';
import { useInstruments } from '#renderer/src/store/market.ts';
import {
  assume,
  clearPlanDraft,
  closeWhatIf,
  moveLine,
  resetLine,
  usePlanDraft,
  useShown,
} from '#renderer/src/store/plan-draft.ts';
import type { PlanKind } from '#renderer/src/store/plan-draft.ts';
import { isOpen } from '#renderer/src/store/queue.ts';
import { useSelected } from '#renderer/src/store/recommendations.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { contractName } from '#renderer/src/ui/words.ts';
import css from './what-if.module.css';

const cls = styler(css);

type Field = {
  readonly key: keyof Assumptions;
  readonly label: string;
  readonly unit: string;
  readonly step: number;
  readonly min: number;
  readonly max: number;
  /** What the desk has, as the field shows it. */
  readonly known: (recommendation: Recommendation, equity: number | null) => string;
  readonly read: (typed: number) => number;
};

const multiplierOf = ({ decision }: Recommendation): number | null => {
  const step = decision.ladder.find((one) => one.code === 'multiplier');
  return step?.code === 'multiplier' ? step.factor : null;
};

const FIELDS: readonly Field[] = [
  {
    ...{ key: 'winProbability', label: 'Win probability p', unit: '%', step: 0.5, min: 1, max: 99 },
    known: ({ decision }) => percentText(decision.winProbability),
    read: (typed) => typed / 100,
  },
  {
    ...{ key: 'payoffRatio', label: 'Win / loss ratio b', unit: '', step: 0.05, min: 0.05, max: 100 },
    known: ({ decision }) => ratioText(decision.winLossRatio),
    read: (typed) => typed,
  },
  {
    ...{ key: 'multiplier', label: 'Kelly multiplier λ', unit: '', step: 0.05, min: 0.01, max: 1 },
    known: (recommendation) => factorText(multiplierOf(recommendation)),
    read: (typed) => typed,
  },
  {
    ...{ key: 'equity', label: 'Equity', unit: '$', step: 5_000, min: 1, max: 1_000_000_000 },
    known: (_, equity) => moneyText(equity === null ? null : money(equity)),
    read: (typed) => Math.round(typed * MONEY_PER_USD),
  },
];

function AssumptionField({
  field,
  recommendation,
}: {
  readonly field: Field;
  readonly recommendation: Recommendation;
}) {
  const id = useId();
  const equity = useStatus((s) => s.risk?.sizingEquity ?? null);
  const isSet = usePlanDraft((s) => s.id === recommendation.id && s.assume[field.key] !== undefined);
  const known = field.known(recommendation, equity);
  const change = (text: string): void => {
    const typed = Number(text);
    const isGood = text !== '' && Number.isFinite(typed) && typed >= field.min && typed <= field.max;
    if (text === '' || isGood) assume(recommendation.id, field.key, isGood ? field.read(typed) : null);
  };
  return (
    <div className={cls('field')}>
      <label htmlFor={id} className={cls('label')}>
        {field.label}
      </label>
      <input
        id={id}
        type="number"
        className={cls('input', isSet && 'set')}
        step={field.step}
        min={field.min}
        max={field.max}
        placeholder="as it is"
        onChange={(event) => change(event.target.value)}
      />
      <span className={cls('unit')}>{field.unit}</span>
      <span className={cls('known')}>now {known}</span>
    </div>
  );
}

const LINES: readonly { readonly kind: PlanKind; readonly label: string }[] = [
  { kind: 'entry', label: 'Entry limit' },
  { kind: 'stop', label: 'Stop' },
  { kind: 'target', label: 'Target' },
];
const TICKS_BY_KEY: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

function LineField({
  line,
  recommendation,
  instrument,
}: {
  readonly line: (typeof LINES)[number];
  readonly recommendation: Recommendation;
  readonly instrument: Instrument;
}) {
  const { kind, label } = line;
  const put = usePlanDraft((s) => (s.id === recommendation.id ? s.change[kind] : undefined));
  const price = put ?? recommendation[kind];
  if (price === null) return null;
  const text = priceText(instrument, ticks(price));
  const step = (by: number): void => moveLine(recommendation, kind, price + by);
  const onKey = (event: KeyboardEvent): void => {
    const by = TICKS_BY_KEY[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    step(by);
  };
  return (
    <div className={cls('field')}>
      <span className={cls('label')}>{label}</span>
      <span className={cls('price')}>
        <button type="button" className={cls('tick')} aria-label={`${label} one tick down`} onClick={() => step(-1)}>
          −
        </button>
        <span
          role="spinbutton"
          tabIndex={0}
          className={cls('priceValue', put !== undefined && 'set')}
          aria-label={label}
          aria-valuenow={price}
          aria-valuetext={text}
          onKeyDown={onKey}
        >
          {text}
        </span>
        <button type="button" className={cls('tick')} aria-label={`${label} one tick up`} onClick={() => step(1)}>
          +
        </button>
      </span>
      <span className={cls('known')}>
        {put === undefined ? (
          kind === 'entry' ? (
            'follows the market'
          ) : (
            'as recommended'
          )
        ) : (
          <Button size="small" variant="quiet" onClick={() => resetLine(recommendation.id, kind)}>
            {kind === 'entry' ? 'Follow the market' : 'Put back'}
          </Button>
        )}
      </span>
    </div>
  );
}

/** What the desk would do: the ladder of the draft, or of the recommendation while nothing is changed. */
function Answer({ recommendation }: { readonly recommendation: Recommendation }) {
  const whatIf = usePlanDraft((s) => (s.id === recommendation.id ? s.whatIf : null));
  const failure = usePlanDraft((s) => (s.id === recommendation.id ? s.failure : null));
  const equity = usePlanDraft((s) => (s.id === recommendation.id ? s.assume.equity : undefined));
  const known = useStatus((s) => s.risk?.sizingEquity ?? null);
  const shown = useShown(recommendation);
  if (failure !== null) {
    return (
      <p className={cls('failure')} role="status">
        No size for this: {failure}
      </p>
    );
  }
  const answered = { ...shown, decision: whatIf?.decision ?? shown.decision };
  return (
    <>
      <p className={cls('answer')} role="status">
        <span className={cls('answerSize')}>{answered.decision.contracts}</span> contracts; recommended{' '}
        {recommendation.decision.contracts}
      </p>
      <div className={cls('ladder')}>
        <Ladder recommendation={answered} isCompact equity={equity === undefined ? known : money(equity)} isInline />
      </div>
    </>
  );
}

function Fields({ recommendation }: { readonly recommendation: Recommendation }) {
  const generation = usePlanDraft((s) => s.generation);
  const instrument = useInstruments((s) => s.bySymbol[recommendation.symbol]);
  return (
    <div className={cls('fields')}>
      <fieldset className={cls('group')}>
        <legend className={cls('legend')}>Suppose · never sent</legend>
        {FIELDS.map((field) => (
          <AssumptionField
            key={`${field.key}.${recommendation.id}.${generation}`}
            field={field}
            recommendation={recommendation}
          />
        ))}
      </fieldset>
      {instrument !== undefined && isOpen(recommendation) && (
        <fieldset className={cls('group')}>
          <legend className={cls('legend')}>Lines · go with the order</legend>
          {LINES.map((line) => (
            <LineField key={line.kind} line={line} recommendation={recommendation} instrument={instrument} />
          ))}
        </fieldset>
      )}
    </div>
  );
}

/** A drawer over the chart: other odds, another λ, another equity or other lines, and the ladder moves. */
export function WhatIfDrawer() {
  const isOpened = usePlanDraft((s) => s.isDrawerOpen);
  const recommendation = useSelected();
  const drawer = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isOpened) drawer.current?.focus();
  }, [isOpened]);
  if (!isOpened) return null;
  return (
    <aside ref={drawer} className={cls('drawer')} aria-label="What if" tabIndex={-1}>
      <header className={cls('head')}>
        <h2 className={cls('title')}>
          What if{recommendation === null ? '' : ` · ${contractName(recommendation.symbol)}`}
        </h2>
        <Button size="small" onClick={clearPlanDraft}>
          Reset
        </Button>
        <Button size="small" keys={['Esc']} onClick={closeWhatIf}>
          Close
        </Button>
      </header>
      {recommendation === null || recommendation.entry === null ? (
        <p className={cls('none')}>
          Nothing to try: this signal was stopped before it had an entry and a stop. Select one that is sized, or that
          says “no size”.
        </p>
      ) : (
        <>
          <Fields recommendation={recommendation} />
          <Answer recommendation={recommendation} />
        </>
      )}
    </aside>
  );
}
