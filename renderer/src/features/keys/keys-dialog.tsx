import { useState } from 'react';
import type { KeyboardEvent } from 'react';
import { chooseTheme, useTheme } from '#renderer/src/store/theme.ts';
import type { ThemeChoice } from '#renderer/src/store/theme.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { closeDialog } from '#renderer/src/store/ui.ts';
import { Button, Key } from '#renderer/src/ui/button.tsx';
import { Modal } from '#renderer/src/ui/modal.tsx';
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

const THEMES: readonly { readonly choice: ThemeChoice; readonly label: string }[] = [
  { choice: 'system', label: 'As the system' },
  { choice: 'dark', label: 'Dark' },
  { choice: 'light', label: 'Light' },
  { choice: 'contrast', label: 'High contrast' },
];

function ThemePicker() {
  const chosen = useTheme((s) => s.choice);
  return (
    <fieldset className={cls('themes')}>
      <legend className={cls('heading')}>Appearance</legend>
      {THEMES.map(({ choice, label }) => (
        <label key={choice} className={cls('theme')}>
          <input type="radio" name="theme" checked={choice === chosen} onChange={() => chooseTheme(choice)} />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

function About() {
  const identity = useStatus((s) => s.identity);
  return (
    <div className={cls('about')}>
      <h3 className={cls('heading')}>About</h3>
      <p>Kelly Desk {identity === null ? '' : <span className={cls('mono')}>{identity.version}</span>}. MIT licence.</p>
      {identity !== null && <p className={cls('path')}>Journal: {identity.journalPath}</p>}
      <p>
        Charts: Lightweight Charts™ by{' '}
        <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          TradingView
        </a>
        , © 2025 TradingView, Inc. Apache License 2.0.
      </p>
    </div>
  );
}

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

function KeyList({ scopes, fixed }: { readonly scopes: readonly KeyScope[]; readonly fixed: keyof typeof FIXED }) {
  return (
    <dl className={cls('grid')}>
      {BINDINGS.filter(({ scope }) => scopes.includes(scope)).map((binding) => (
        <KeyRow key={binding.id} binding={binding} />
      ))}
      {FIXED[fixed].map(({ keys, does }) => (
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

/** The keys, the appearance and what this program is made of. */
export function KeysDialog() {
  const isChanged = useBindings((s) => Object.keys(s.chosen).length > 0);
  return (
    <Modal title="Keys" width="wide" description="Single letters act only outside text fields." onClose={closeDialog}>
      <div className={cls('scroll')}>
        <KeyList scopes={['everywhere', 'desk']} fixed="desk" />
        <h3 className={cls('heading')}>On the Backtest screen</h3>
        <KeyList scopes={['backtest']} fixed="backtest" />
        <h3 className={cls('heading')}>On the Journal screen</h3>
        <KeyList scopes={['journal']} fixed="journal" />
        <ThemePicker />
        <About />
      </div>
      <div className={cls('end')}>
        {isChanged && <Button onClick={() => resetKeys()}>All keys as they came</Button>}
        <Button keys={['Esc']} onClick={closeDialog}>
          Close
        </Button>
      </div>
    </Modal>
  );
}
