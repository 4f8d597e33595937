import { create } from 'zustand';

export type Theme = 'dark' | 'light' | 'contrast';
export type ThemeChoice = Theme | 'system';

const KEY = 'kelly-desk.theme';
const CHOICES: readonly ThemeChoice[] = ['system', 'dark', 'light', 'contrast'];

const isChoice = (value: string | null): value is ThemeChoice => CHOICES.some((choice) => choice === value);

/** The theme a choice stands for, given what the system prefers. */
export function resolveTheme(
  choice: ThemeChoice,
  system: { readonly light: boolean; readonly contrast: boolean },
): Theme {
  if (choice !== 'system') return choice;
  if (system.contrast) return 'contrast';
  return system.light ? 'light' : 'dark';
}

export const useTheme = create<{ readonly choice: ThemeChoice; readonly theme: Theme }>()(() => ({
  choice: 'system',
  theme: 'dark',
}));

const LIGHT = '(prefers-color-scheme: light)';
const CONTRAST = '(prefers-contrast: more)';

function applyTheme(choice: ThemeChoice): void {
  const theme = resolveTheme(choice, {
    light: window.matchMedia(LIGHT).matches,
    contrast: window.matchMedia(CONTRAST).matches,
  });
  document.documentElement.dataset['theme'] = theme;
  useTheme.setState({ choice, theme });
}

/** Chooses a theme and remembers it. */
export function chooseTheme(choice: ThemeChoice): void {
  window.localStorage.setItem(KEY, choice);
  applyTheme(choice);
}

/** Applies the remembered theme and follows the system where it was chosen. */
export function startTheme(): () => void {
  const stored = window.localStorage.getItem(KEY);
  applyTheme(isChoice(stored) ? stored : 'system');
  const follow = () => applyTheme(useTheme.getState().choice);
  const queries = [window.matchMedia(LIGHT), window.matchMedia(CONTRAST)];
  for (const query of queries) query.addEventListener('change', follow);
  return () => {
    for (const query of queries) query.removeEventListener('change', follow);
  };
}
