import { useId, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './editor.module.css';
import { LONGEST, suggestions, withLabel } from './labels.ts';
import type { Counted } from './labels.ts';

const cls = styler(css);

type LabelFieldProps = {
  readonly label: string;
  readonly values: readonly string[];
  readonly known: readonly Counted[];
  readonly most: number;
  readonly placeholder: string;
  readonly onChange: (values: readonly string[]) => void;
};

type ListProps = {
  readonly id: string;
  readonly shown: readonly Counted[];
  readonly active: number;
  readonly onPick: (label: string) => void;
};

function Suggestions({ id, shown, active, onPick }: ListProps) {
  return (
    <ul className={cls('suggestions')} role="listbox" id={id} aria-label="Labels in use">
      {shown.map(({ label, count }, i) => (
        <li
          key={label}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === active}
          className={cls('suggestion', i === active && 'active')}
          // Before the field loses the focus, which would close the list.
          onMouseDown={(event) => {
            event.preventDefault();
            onPick(label);
          }}
        >
          {label} <span className={cls('count')}>{count}</span>
        </li>
      ))}
    </ul>
  );
}

/** Labels as small tags with a field behind them: type, Enter or comma adds, Backspace takes the last one back. */
export function LabelField({ label, values, known, most, placeholder, onChange }: LabelFieldProps) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(-1);
  const [isFocused, setFocused] = useState(false);
  const shown = suggestions(typed, known, values);
  const isOpen = isFocused && shown.length > 0 && values.length < most;
  const add = (text: string) => {
    onChange(withLabel(values, text, known).slice(-most));
    setTyped('');
    setActive(-1);
  };
  const remove = (value: string) => onChange(values.filter((other) => other !== value));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((at) => Math.max(-1, Math.min(shown.length - 1, at + step)));
    } else if (event.key === 'Enter' || event.key === ',') add(isOpen ? (shown[active]?.label ?? typed) : typed);
    else if (event.key === 'Backspace' && typed === '' && values.length > 0) onChange(values.slice(0, -1));
    else return;
    event.preventDefault();
  };
  return (
    <div className={cls('field')}>
      <label htmlFor={id} className={cls('label')}>
        {label}
      </label>
      <div className={cls('labels')}>
        {values.map((value) => (
          <button
            key={value}
            type="button"
            className={cls('labelTag')}
            aria-label={`Remove ${value}`}
            onClick={() => remove(value)}
          >
            {value} <span aria-hidden="true">✕</span>
          </button>
        ))}
        <input
          id={id}
          className={cls('labelInput')}
          role="combobox"
          aria-expanded={isOpen}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={isOpen && active >= 0 ? `${id}-list-${active}` : undefined}
          value={typed}
          maxLength={LONGEST}
          placeholder={values.length === 0 ? placeholder : ''}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setTyped(event.target.value);
            setActive(-1);
          }}
          onFocus={() => setFocused(true)}
          onBlur={() => {
            setFocused(false);
            add(typed);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {isOpen && <Suggestions id={`${id}-list`} shown={shown} active={active} onPick={add} />}
    </div>
  );
}
