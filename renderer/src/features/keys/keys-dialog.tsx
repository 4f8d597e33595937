import { chooseTheme, useTheme } from '#renderer/src/store/theme.ts';
import type { ThemeChoice } from '#renderer/src/store/theme.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { closeDialog } from '#renderer/src/store/ui.ts';
import { Button, Key } from '#renderer/src/ui/button.tsx';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './keys.module.css';

const cls = styler(css);

const KEYS: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ['F8'], does: 'Halt at once, everywhere' },
  { keys: ['J', 'K'], does: 'Next, previous in the list in use' },
  { keys: ['Shift', 'Enter'], does: 'Approve the selected size; in live then Enter within 3 s' },
  { keys: ['−', '+'], does: 'One contract less, more' },
  { keys: ['1…9'], does: 'Set the number of contracts' },
  { keys: ['X', '1…6'], does: 'Reject with a reason' },
  { keys: ['F', 'Enter'], does: 'Flatten the selected position' },
  { keys: ['C', 'Enter'], does: 'Cancel the selected order' },
  { keys: ['W'], does: 'What if: other odds, equity or lines' },
  { keys: ['P'], does: 'Use the positions' },
  { keys: ['O'], does: 'Use the working orders' },
  { keys: ['Ctrl', '1'], does: 'Desk' },
  { keys: ['Ctrl', '2'], does: 'Performance' },
  { keys: ['Ctrl', '3'], does: 'Journal' },
  { keys: ['?'], does: 'This list' },
  { keys: ['Esc'], does: 'Close, step back; never sends' },
];

const JOURNAL_KEYS: typeof KEYS = [
  { keys: ['J', 'K'], does: 'Next, previous; also ↓ ↑, Page, Home, End' },
  { keys: ['Enter'], does: 'Open the selected one' },
  { keys: ['/'], does: 'Search' },
  { keys: ['1…5'], does: 'Rate what is open; 0 takes it back' },
  { keys: ['N'], does: 'Write the note' },
  { keys: ['Ctrl', 'Enter'], does: 'Save what you wrote' },
  { keys: ['T', 'D'], does: 'Trades, decisions' },
  { keys: ['C', 'M'], does: 'Calendar, imports' },
  { keys: ['I'], does: 'Import a file' },
  { keys: ['E'], does: 'Export' },
];

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

function KeyList({ keys: list }: { readonly keys: typeof KEYS }) {
  return (
    <dl className={cls('grid')}>
      {list.map(({ keys, does }) => (
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
  return (
    <Modal title="Keys" width="wide" description="Single letters act only outside text fields." onClose={closeDialog}>
      <KeyList keys={KEYS} />
      <h3 className={cls('heading')}>On the Journal screen</h3>
      <KeyList keys={JOURNAL_KEYS} />
      <ThemePicker />
      <About />
      <div className={cls('end')}>
        <Button keys={['Esc']} onClick={closeDialog}>
          Close
        </Button>
      </div>
    </Modal>
  );
}
