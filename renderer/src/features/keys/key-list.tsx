import { useState } from 'react';
import type { KeyboardEvent } from 'react';
import { Button, Key } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { BINDINGS, caps, chooseKey, comboOf, keysOf, resetKeys, useBindings } from './bindings.ts';
import type { Binding, BindingId, KeyScope } from './bindings.ts';
import css from './keys.module.css';

const cls = styler(css);

/** Keys that are what they are: they belong to what is on screen. */
const FIXED: Readonly<
  Record<'desk' | 'backtest' | 'journal', readonly { readonly keys: readonly string[]; readonly does: string }[]>
> = {
  desk: [
    { keys: ['1…9'], does: 'Set the number of contracts' },
    { keys: ['Enter'], does: 'Second key of what asks for one' },
    { keys: ['Esc'], does: 'Close, step back; never sends' },
  ],
  backtest: [{ keys: ['Enter'], does: 'Second key of deleting, within 3 s' }],
  journal: [
    { keys: ['Enter'], does: 'Open the selected one' },
    { keys: ['1…5'], does: 'Rate what is open; 0 takes it back' },
    { keys: ['Ctrl', 'Enter'], does: 'Save what you wrote' },
  ],
};

function KeyRow({ binding }: { readonly binding: Binding & { readonly id: BindingId } }) {
  const chosen = useBindings((s) => s.chosen);
  const [isWaiting, setWaiting] = useState(false);
  const [why, setWhy] = useState<string | null>(null);
  const [first = ''] = keysOf(binding.id, chosen);
  const take = (event: KeyboardEvent): void => {
    if (!isWaiting || event.key === 'F8') return;
    event.preventDefault();
    event.stopPropagation();
    if (/^(?:Control|Shift|Alt|Meta)$/.test(event.key)) return;
    setWaiting(false);
    setWhy(event.key === 'Escape' ? null : chooseKey(binding.id, comboOf(event.nativeEvent)));
  };
  const isOwn = chosen[binding.id] !== undefined;
  return (
    <div className={cls('row')}>
      <dt>
        {caps(first).map((cap) => (
          <Key key={cap}>{cap}</Key>
        ))}
        <span className={cls('spoken')}>{first}</span>
      </dt>
      <dd className={cls('does')}>
        <span>
          {binding.does}
          {why !== null && (
            <span role="alert" className={cls('why')}>
              {' '}
              {why}
            </span>
          )}
        </span>
        {binding.isFixed !== true && (
          <span className={cls('change')} onKeyDownCapture={take}>
            {isOwn && (
              <Button size="small" variant="quiet" onClick={() => resetKeys(binding.id)}>
                Reset
              </Button>
            )}
            <Button
              size="small"
              variant="quiet"
              aria-label={`Change the key: ${binding.does}`}
              onClick={() => setWaiting(true)}
              onBlur={() => setWaiting(false)}
            >
              {isWaiting ? 'Press a key' : 'Change'}
            </Button>
          </span>
        )}
      </dd>
    </div>
  );
}

type ListProps = { readonly scope: KeyScope; readonly fixed: keyof typeof FIXED | null };

function KeyList({ scope, fixed }: ListProps) {
  return (
    <dl className={cls('grid')}>
      {BINDINGS.filter((binding) => binding.scope === scope).map((binding) => (
        <KeyRow key={binding.id} binding={binding} />
      ))}
      {(fixed === null ? [] : FIXED[fixed]).map(({ keys, does }) => (
        <div key={does} className={cls('row')}>
          <dt>
            {keys.map((key) => (
              <Key key={key}>{key}</Key>
            ))}
            <span className={cls('spoken')}>{keys.join(' then ')}</span>
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  );
}

const LISTS = [
  { title: 'Everywhere', scope: 'everywhere', fixed: null },
  { title: 'On the Desk', scope: 'desk', fixed: 'desk' },
  { title: 'On the Backtest screen', scope: 'backtest', fixed: 'backtest' },
  { title: 'On the Journal screen', scope: 'journal', fixed: 'journal' },
] as const;

/** Every key of the desk, by where it is heard, each to be changed by pressing another. */
export function KeyLists() {
  return LISTS.map(({ title, scope, fixed }) => (
    <section key={scope} aria-label={title}>
      <h3 className={cls('heading')}>{title}</h3>
      <KeyList scope={scope} fixed={fixed} />
    </section>
  ));
}
