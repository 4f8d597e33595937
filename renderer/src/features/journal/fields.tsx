import { useId } from 'react';
import type { InputHTMLAttributes, ReactNode, Ref } from 'react';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './fields.module.css';

const cls = styler(css);

type FieldProps = { readonly label: string; readonly hint?: string; readonly children: (id: string) => ReactNode };

/** A labelled control with an optional line beneath. */
export function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  return (
    <div className={cls('field')}>
      <label htmlFor={id} className={cls('label')}>
        {label}
      </label>
      {children(id)}
      {hint !== undefined && <span className={cls('hint')}>{hint}</span>}
    </div>
  );
}

export type Choice = { readonly value: string; readonly label: string };

type SelectProps = {
  readonly label: string;
  readonly value: string | undefined;
  readonly choices: readonly Choice[];
  /** What no choice means, e.g. "Any"; absent where one must be chosen. */
  readonly none?: string;
  readonly hint?: string;
  readonly onChange: (value: string | undefined) => void;
};

/** A list to choose one from. A value that is not in the list is shown as it is. */
export function SelectField({ label, value, choices, none, hint, onChange }: SelectProps) {
  const isKnown = value === undefined || choices.some((choice) => choice.value === value);
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(id) => (
        <select
          id={id}
          className={cls('control')}
          value={value ?? ''}
          onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
        >
          {(none !== undefined || value === undefined) && <option value="">{none ?? 'Choose'}</option>}
          {!isKnown && <option value={value}>{value}</option>}
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

type InputProps = Omit<InputHTMLAttributes<HTMLInputElement>, 'className' | 'onChange' | 'id'> & {
  readonly label: string;
  readonly hint?: string;
  readonly choices?: readonly string[];
  readonly ref?: Ref<HTMLInputElement>;
  readonly onText: (text: string) => void;
};

/** A line of text, a number or a day, with suggestions where there are some. */
export function InputField({ label, hint, choices, onText, ...rest }: InputProps) {
  const list = useId();
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(id) => (
        <>
          <input
            autoComplete="off"
            spellCheck={false}
            {...rest}
            {...(choices === undefined ? {} : { list })}
            id={id}
            className={cls('control')}
            onChange={(event) => onText(event.target.value)}
          />
          {choices !== undefined && (
            <datalist id={list}>
              {choices.map((choice) => (
                <option key={choice} value={choice} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}

type Days = { readonly fromDay?: string | undefined; readonly toDay?: string | undefined };

/** The first and the last day of a range; neither can be set beyond the other. */
export function DayFields({ days, onChange }: { readonly days: Days; readonly onChange: (change: Days) => void }) {
  return (
    <>
      <InputField
        label="From day"
        type="date"
        value={days.fromDay ?? ''}
        max={days.toDay}
        onText={(fromDay) => onChange({ fromDay })}
      />
      <InputField
        label="To day"
        type="date"
        value={days.toDay ?? ''}
        min={days.fromDay}
        onText={(toDay) => onChange({ toDay })}
      />
    </>
  );
}

type SegmentsProps<V extends string> = {
  readonly label: string;
  readonly value: V;
  readonly choices: readonly { readonly value: V; readonly label: string }[];
  readonly onChange: (value: V) => void;
};

/** Two to four choices side by side. */
export function Segments<V extends string>({ label, value, choices, onChange }: SegmentsProps<V>) {
  const name = useId();
  return (
    <fieldset className={cls('segments')}>
      <legend className={cls('label')}>{label}</legend>
      <span className={cls('segmentRow')}>
        {choices.map((choice) => (
          <label key={choice.value} className={cls('segment', choice.value === value && 'chosen')}>
            <input type="radio" name={name} checked={choice.value === value} onChange={() => onChange(choice.value)} />
            {choice.label}
          </label>
        ))}
      </span>
    </fieldset>
  );
}
