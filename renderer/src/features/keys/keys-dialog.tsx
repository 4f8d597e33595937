import { chooseTheme, useTheme } from '#renderer/src/store/theme.ts';
import type { ThemeChoice } from '#renderer/src/store/theme.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { startTour } from '#renderer/src/store/tour.ts';
import { closeDialog } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { resetKeys, useBindings } from './bindings.ts';
import { KeyLists } from './key-list.tsx';
import css from './keys.module.css';

const cls = styler(css);

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

/** The keys, the appearance and what this program is made of. */
export function KeysDialog() {
  const isChanged = useBindings((s) => Object.keys(s.chosen).length > 0);
  return (
    <Modal title="Keys" width="wide" description="Single letters act only outside text fields." onClose={closeDialog}>
      <div className={cls('scroll')}>
        <KeyLists />
        <ThemePicker />
        <About />
      </div>
      <div className={cls('end')}>
        {isChanged && <Button onClick={() => resetKeys()}>All keys as they came</Button>}
        <Button
          onClick={() => {
            closeDialog();
            startTour();
          }}
        >
          Show the tour
        </Button>
        <Button keys={['Esc']} onClick={closeDialog}>
          Close
        </Button>
      </div>
    </Modal>
  );
}
