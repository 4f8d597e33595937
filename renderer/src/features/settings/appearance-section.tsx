import { useSyncExternalStore } from 'react';
import { Segments } from '#renderer/src/features/journal/fields.tsx';
import { DENSITIES, SCALES, setAppearance, useAppearance } from '#renderer/src/store/appearance.ts';
import { chooseTheme, useTheme } from '#renderer/src/store/theme.ts';
import type { ThemeChoice } from '#renderer/src/store/theme.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './settings.module.css';

const cls = styler(css);

const THEMES: readonly { readonly value: ThemeChoice; readonly label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
  { value: 'contrast', label: 'High contrast' },
];
const DENSITY_WORDS = {
  compact: 'Compact, 24 px',
  regular: 'Regular, 26 px',
  comfortable: 'Comfortable, 32 px',
} as const;

const MOTION = '(prefers-reduced-motion: reduce)';
const watchMotion = (changed: () => void): (() => void) => {
  const query = window.matchMedia(MOTION);
  query.addEventListener('change', changed);
  return () => query.removeEventListener('change', changed);
};

/** How the desk looks in this window. Nothing of it changes what is traded. */
export function AppearanceSection() {
  const choice = useTheme((s) => s.choice);
  const { scale, shownScale, density, hasKeyHints, isStill } = useAppearance();
  const isSystemStill = useSyncExternalStore(watchMotion, () => window.matchMedia(MOTION).matches);
  return (
    <div className={cls('form')}>
      <Segments label="Theme" value={choice} choices={THEMES} onChange={chooseTheme} />
      <Segments
        label="Scale"
        value={String(scale)}
        choices={SCALES.map((one) => ({ value: String(one), label: `${one} %` }))}
        onChange={(value) => setAppearance({ scale: Number(value) })}
      />
      <p className={cls('soft')} role="status">
        {shownScale === scale
          ? 'Text, rows and controls scale together.'
          : `This window has room for ${shownScale} %; a larger one shows ${scale} %.`}
      </p>
      <Segments
        label="Rows of tables"
        value={density ?? 'auto'}
        choices={[
          { value: 'auto', label: 'As the window' },
          ...DENSITIES.map((one) => ({ value: one, label: DENSITY_WORDS[one] })),
        ]}
        onChange={(value) => setAppearance({ density: DENSITIES.find((one) => one === value) ?? null })}
      />
      <label className={cls('check')}>
        <input
          type="checkbox"
          checked={hasKeyHints}
          onChange={(e) => setAppearance({ hasKeyHints: e.target.checked })}
        />
        Show keys on buttons and lists
      </label>
      <label className={cls('check')}>
        <input type="checkbox" checked={isStill} onChange={(e) => setAppearance({ isStill: e.target.checked })} />
        Nothing moves
      </label>
      <p className={cls('soft')}>
        {isStill
          ? 'Drawers and bars change at once.'
          : `Motion follows the system: ${isSystemStill ? 'reduced, nothing moves' : 'as usual'}.`}{' '}
        All of this is kept in this window only.
      </p>
    </div>
  );
}
