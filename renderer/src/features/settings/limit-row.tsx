import { useId } from 'react';
import type { LimitField } from '#shared/contract/settings-operations.ts';
import { moneyText } from '#shared/format/numbers.ts';
import { raiseLimit, setLimit, useLimitsDraft } from '#renderer/src/store/settings.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { boundText, sourceText, storedValue, typedText, unitWord, valueText } from './limit-words.ts';
import css from './settings.module.css';

const cls = styler(css);

type ControlProps = { readonly field: LimitField; readonly id: string; readonly describedBy: string | undefined };

function Control({ field, id, describedBy }: ControlProps) {
  const unread = useLimitsDraft((s) => s.unread[field.field]);
  const own = useLimitsDraft((s) => s.set[field.field]);
  const isWrong = unread !== undefined || describedBy !== undefined;
  const shared = { id, 'aria-invalid': isWrong, 'aria-describedby': describedBy } as const;
  const value = own ?? field.value;
  if (field.unit === 'switch') {
    return (
      <input
        {...shared}
        type="checkbox"
        checked={value === true}
        onChange={(e) => setLimit(field.field, e.target.checked)}
      />
    );
  }
  if (field.unit === 'choice') {
    const isKnown = field.choices.some((choice) => choice.value === value);
    return (
      <select
        {...shared}
        className={cls('select')}
        value={String(value)}
        onChange={(e) => setLimit(field.field, e.target.value)}
      >
        {!isKnown && <option value={String(value)}>{String(value)}</option>}
        {field.choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    );
  }
  const onText = (text: string): void => {
    const stored = storedValue(field.unit, text);
    setLimit(field.field, stored ?? { unread: text });
  };
  return (
    <span className={cls('number')}>
      <NumberInput
        key={own === undefined && unread === undefined ? 'standing' : 'own'}
        {...{ shared, field, onText }}
      />
      <span className={cls('unit')} aria-hidden="true">
        {unitWord(field.unit)}
      </span>
    </span>
  );
}

type NumberProps = {
  readonly shared: {
    readonly id: string;
    readonly 'aria-invalid': boolean;
    readonly 'aria-describedby': string | undefined;
  };
  readonly field: LimitField;
  readonly onText: (text: string) => void;
};

function NumberInput({ shared, field, onText }: NumberProps) {
  const unread = useLimitsDraft((s) => s.unread[field.field]);
  const own = useLimitsDraft((s) => s.set[field.field]);
  const shown = unread ?? typedText(field.unit, own ?? field.value);
  return (
    <input
      {...shared}
      className={cls('input')}
      inputMode="decimal"
      autoComplete="off"
      value={shown}
      onChange={(event) => onText(event.target.value)}
    />
  );
}

/** Beyond its ceiling a limit must be named by hand: no change loosens one in passing. */
function Raise({ field }: { readonly field: LimitField }) {
  const id = useId();
  const draft = useLimitsDraft((s) => s.raises);
  const isRaised = draft === null ? field.isRaised : draft.includes(field.field);
  const isAsked = useLimitsDraft((s) => s.problem?.field === field.field);
  if (field.bound?.canRaise !== true || (!isRaised && !isAsked)) return null;
  return (
    <label className={cls('raise')} htmlFor={id}>
      <input id={id} type="checkbox" checked={isRaised} onChange={(e) => raiseLimit(field.field, e.target.checked)} />
      Raise “{field.label}” beyond {boundText(field)}
    </label>
  );
}

/** A limit: its value to change, what it would be by itself, how far it goes and what it means in money. */
export function LimitRow({ field }: { readonly field: LimitField }) {
  const id = useId();
  const problem = useLimitsDraft((s) => (s.problem?.field === field.field ? s.problem : null));
  const isUnread = useLimitsDraft((s) => s.unread[field.field] !== undefined);
  const hasError = problem !== null || isUnread;
  const errorId = `${id}-error`;
  return (
    <>
      <tr>
        <th scope="row">
          <label htmlFor={id}>{field.label}</label>
          {field.isNextStart && <span className={cls('soft')}> in full at the next start</span>}
        </th>
        <td>
          <Control field={field} id={id} describedBy={hasError ? errorId : undefined} />
        </td>
        <td className={cls('figure')}>{field.money === null ? '' : moneyText(field.money)}</td>
        <td className={cls('figure', 'soft')}>{valueText(field, field.standard)}</td>
        <td className={cls('figure', 'soft')}>{boundText(field)}</td>
        <td className={cls(field.source === 'file' ? 'own' : 'soft')}>{sourceText(field)}</td>
      </tr>
      {(hasError || field.isRaised || field.bound?.canRaise === true) && (
        <tr className={cls('under')}>
          <td colSpan={6}>
            {hasError && (
              <p id={errorId} className={cls('error')} role="alert">
                {isUnread
                  ? 'This is not a number. Type digits, with a point or comma.'
                  : `${field.label} is ${problem?.value ?? ''}: ${problem?.remedy ?? ''}.`}
              </p>
            )}
            <Raise field={field} />
          </td>
        </tr>
      )}
    </>
  );
}
