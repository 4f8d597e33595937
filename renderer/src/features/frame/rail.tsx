import { ChartLine, ChartScatter, History, ListFilter, NotebookText, SlidersHorizontal } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { showScreen, useUi } from '#renderer/src/store/ui.ts';
import type { ScreenName } from '#renderer/src/store/ui.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './app.module.css';

const cls = styler(css);

type ScreenLink = {
  readonly name: ScreenName;
  readonly label: string;
  readonly spoken: string;
  readonly keys: string;
  readonly Icon: LucideIcon;
};

const SCREENS: readonly ScreenLink[] = [
  { name: 'desk', label: 'Desk', spoken: 'Desk', keys: 'Control+1', Icon: ListFilter },
  { name: 'performance', label: 'Perform.', spoken: 'Performance', keys: 'Control+2', Icon: ChartLine },
  { name: 'backtest', label: 'Backtest', spoken: 'Backtest', keys: 'Control+3', Icon: History },
  { name: 'journal', label: 'Journal', spoken: 'Journal', keys: 'Control+4', Icon: NotebookText },
  { name: 'models', label: 'Models', spoken: 'Models', keys: 'Control+5', Icon: ChartScatter },
  { name: 'settings', label: 'Settings', spoken: 'Settings', keys: 'Control+6', Icon: SlidersHorizontal },
];

/** The way between screens. */
export function Rail() {
  const screen = useUi((s) => s.screen);
  return (
    <nav className={cls('rail')} aria-label="Screens">
      {SCREENS.map(({ name, label, spoken, keys, Icon }) => (
        <button
          key={name}
          type="button"
          className={cls('railItem', screen === name && 'railActive')}
          aria-label={spoken}
          aria-current={screen === name ? 'page' : undefined}
          aria-keyshortcuts={keys}
          onClick={() => showScreen(name)}
        >
          <Icon size={18} strokeWidth={1.75} aria-hidden="true" />
          {label}
        </button>
      ))}
    </nav>
  );
}
