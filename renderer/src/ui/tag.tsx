import type { ReactNode } from 'react';
import css from './tag.module.css';
import { styler } from './styler.ts';

const cls = styler(css);

/** A small outlined word. */
export function Tag({
  tone = 'plain',
  children,
}: {
  readonly tone?: 'plain' | 'warn' | 'loss' | 'accent';
  readonly children: ReactNode;
}) {
  return <span className={cls('tag', tone)}>{children}</span>;
}

const MODES = {
  simulation: { word: 'SIM', spoken: 'Simulation, not real money' },
  replay: { word: 'REPLAY', spoken: 'Replay of recorded prices, not real money' },
  paper: { word: 'PAPER', spoken: 'Paper account, not real money' },
  live: { word: 'LIVE', spoken: 'Live account, real money' },
} as const;

export type Mode = keyof typeof MODES;

/** The mode of the desk, told by shape, colour and word. */
export function ModeBadge({ mode }: { readonly mode: Mode }) {
  const { word, spoken } = MODES[mode];
  return (
    <span className={cls('mode', mode)} role="img" aria-label={spoken} title={spoken}>
      {word}
    </span>
  );
}
