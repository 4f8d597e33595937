/** The tokens a chart draws with, read from the page so that one file holds all colours. */
export type ChartColors = Readonly<
  Record<
    'panel' | 'line' | 'text' | 'text2' | 'text3' | 'accent' | 'gain' | 'loss' | 'warn' | 'gainBg' | 'lossBg' | 'line2',
    string
  >
>;

/** Reads the tokens of the theme in force on `element`. */
export function readColors(element: Element): ChartColors {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    panel: token('--panel'),
    line: token('--line'),
    line2: token('--line2'),
    text: token('--text'),
    text2: token('--text2'),
    text3: token('--text3'),
    accent: token('--accent'),
    gain: token('--gain'),
    loss: token('--loss'),
    warn: token('--warn'),
    gainBg: token('--gain-bg'),
    lossBg: token('--loss-bg'),
  };
}
