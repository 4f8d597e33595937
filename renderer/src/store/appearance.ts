import { create } from 'zustand';

export type Density = 'compact' | 'regular' | 'comfortable';
export type Appearance = {
  /** Chosen scale in percent. */
  readonly scale: number;
  /** Scale in force: a window too small for the chosen one gets what it has room for. */
  readonly shownScale: number;
  readonly density: Density | null;
  readonly hasKeyHints: boolean;
  /** Nothing moves, whatever the system says. */
  readonly isStill: boolean;
};

const KEY = 'kelly-desk.appearance';
export const SCALES = [90, 100, 110, 125, 150] as const;
export const DENSITIES: readonly Density[] = ['compact', 'regular', 'comfortable'];
const ROWS: Readonly<Record<Density, number>> = { compact: 24, regular: 26, comfortable: 32 };

/** The smallest layouts of both size classes: below them things would be cut. */
const LAYOUTS = { regular: [1280, 820], compact: [1024, 640] } as const;

/** The largest scale in percent, in steps of five, at which a window still holds the layout of its size class. */
export function roomFor(width: number, height: number): number {
  const [w, h] = width >= LAYOUTS.regular[0] && height >= LAYOUTS.regular[1] ? LAYOUTS.regular : LAYOUTS.compact;
  return Math.max(90, Math.floor((Math.min(width / w, height / h) * 100) / 5 + 1e-9) * 5);
}

/** Row height a density stands for; null: as the size class has it. */
export const rowHeight = (density: Density | null): number | null => (density === null ? null : ROWS[density]);

/** Reads what was remembered; what is damaged is as it came. */
export function appearanceOf(text: string | null): Omit<Appearance, 'shownScale'> {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(text ?? 'null');
  } catch {
    // As if nothing had been chosen.
  }
  const held = typeof parsed === 'object' && parsed !== null ? (parsed as Readonly<Record<string, unknown>>) : {};
  return {
    scale: SCALES.find((scale) => scale === held['scale']) ?? 100,
    density: DENSITIES.find((density) => density === held['density']) ?? null,
    hasKeyHints: held['hasKeyHints'] !== false,
    isStill: held['isStill'] === true,
  };
}

export const useAppearance = create<Appearance>()(() => ({ ...appearanceOf(null), shownScale: 100 }));

function apply(): void {
  const { scale, density, hasKeyHints, isStill } = useAppearance.getState();
  const shownScale = Math.min(scale, roomFor(window.innerWidth, window.innerHeight));
  const { style, dataset } = document.documentElement;
  style.setProperty('--scale', String(shownScale / 100));
  const height = rowHeight(density);
  if (height === null) style.removeProperty('--row');
  else style.setProperty('--row', `${height}px`);
  dataset['keyHints'] = hasKeyHints ? 'on' : 'off';
  dataset['motion'] = isStill ? 'reduced' : 'system';
  useAppearance.setState({ shownScale });
}

/** Changes how the desk looks in this window, and remembers it. */
export function setAppearance(change: Partial<Omit<Appearance, 'shownScale'>>): void {
  useAppearance.setState(change);
  const { scale, density, hasKeyHints, isStill } = useAppearance.getState();
  window.localStorage.setItem(KEY, JSON.stringify({ scale, density, hasKeyHints, isStill }));
  apply();
}

/** Applies what was remembered, and again when the window changes. */
export function startAppearance(): () => void {
  useAppearance.setState(appearanceOf(window.localStorage.getItem(KEY)));
  apply();
  window.addEventListener('resize', apply);
  return () => window.removeEventListener('resize', apply);
}
