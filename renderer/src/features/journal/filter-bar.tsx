import { Popover } from 'radix-ui';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { Button, Key } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import type { Chip } from './filter-words.ts';
import css from './filter-bar.module.css';

const cls = styler(css);

const SETTLE_MS = 250;

type SearchProps = { readonly value: string; readonly placeholder: string; readonly onSearch: (text: string) => void };

/** The search field: it asks once the typing rests, or at once with Enter. */
function Search({ value, placeholder, onSearch }: SearchProps) {
  const [typed, setTyped] = useState(value);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    // Cleared from outside, by a chip or by "Clear all".
    setSeen(value);
    setTyped(value);
  }
  const isAhead = typed.trim() !== value;
  useEffect(() => {
    if (!isAhead) return undefined;
    const timer = setTimeout(() => onSearch(typed.trim()), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [typed, isAhead, onSearch]);
  return (
    <span className={cls('search')}>
      <input
        id="journal-search"
        type="search"
        className={cls('searchField')}
        value={typed}
        maxLength={200}
        placeholder={placeholder}
        aria-label={placeholder}
        aria-keyshortcuts="/"
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onSearch(typed.trim());
        }}
      />
      {typed === '' && (
        <span className={cls('searchKey')}>
          <Key>/</Key>
        </span>
      )}
    </span>
  );
}

type BarProps<T> = {
  readonly search: SearchProps;
  readonly chips: readonly Chip<T>[];
  readonly form: ReactNode;
  readonly onChange: (change: Chip<T>['without']) => void;
  readonly onClear: () => void;
  readonly onOpen?: () => void;
  readonly tools?: ReactNode;
};

/** Search, the conditions in force as chips, and the form behind "Filter". */
export function FilterBar<T>({ search, chips, form, onChange, onClear, onOpen, tools }: BarProps<T>) {
  return (
    <div className={cls('bar')} role="search">
      <Search {...search} />
      <Popover.Root onOpenChange={(isOpen) => isOpen && onOpen?.()}>
        <Popover.Trigger asChild>
          <Button>Filter</Button>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            className={cls('form')}
            align="start"
            sideOffset={4}
            collisionPadding={8}
            aria-label="Conditions"
          >
            {form}
            <div className={cls('formEnd')}>
              <Button size="small" aria-disabled={chips.length === 0} onClick={onClear}>
                Clear all
              </Button>
              <Popover.Close asChild>
                <Button size="small" keys={['Esc']}>
                  Close
                </Button>
              </Popover.Close>
            </div>
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      <ul className={cls('chips')} aria-label="Conditions in force">
        {chips.map(({ key, label, without }) => (
          <li key={key}>
            <button
              type="button"
              className={cls('chip')}
              aria-label={`Remove: ${label}`}
              onClick={() => onChange(without)}
            >
              {label} <span aria-hidden="true">✕</span>
            </button>
          </li>
        ))}
        {chips.length > 1 && (
          <li>
            <Button size="small" variant="quiet" onClick={onClear}>
              Clear all
            </Button>
          </li>
        )}
      </ul>
      {tools}
    </div>
  );
}
