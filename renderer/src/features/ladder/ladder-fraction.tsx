import { memo } from 'react';
import type { LadderStep } from '#shared/domain/decision.ts';
import type { Money } from '#shared/units.ts';
import { moneyText, percentText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { ladderRows } from './ladder-rows.ts';
import type { LadderRow } from './ladder-rows.ts';
import css from './ladder.module.css';

const cls = styler(css);

/** One linear scale: 0 to just over full Kelly, in whole percent so that its label is true. */
export function scaleTop(rows: readonly LadderRow[]): number | null {
  const full = rows.find((row) => row.code === 'full-kelly');
  return full?.bar == null || full.bar <= 0 ? null : Math.ceil(full.bar * 105) / 100;
}

/** Characters across the whole graphic: decides whether a note stands clear of its bar. */
const NOTE_CHARS = { compact: 26, regular: 50 } as const;

type BarProps = {
  readonly row: LadderRow;
  readonly fraction: number;
  readonly before: number | null;
  readonly top: number;
  readonly isInForce: boolean;
  readonly isCompact: boolean;
};

function FractionBar({ row, fraction, before, top, isInForce, isCompact }: BarProps) {
  const at = (value: number) => `${Math.min(100, (value / top) * 100)}%`;
  const isTight = (1 - fraction / top) * NOTE_CHARS[isCompact ? 'compact' : 'regular'] < row.note.length;
  return (
    <span className={cls('graphic')} title={row.full}>
      {before !== null && <span className={cls('ghost')} style={{ width: at(before) }} />}
      <span className={cls('solid', isInForce && 'inForce')} style={{ width: at(fraction) }} />
      {row.note !== '' && !(isTight && isCompact) && (
        <span className={cls('barNote')}>
          <span className={cls('spacer')} style={{ flexBasis: `calc(${at(fraction)} + 6px)` }} />
          <span className={cls('barText', isTight && 'tight')}>{row.note}</span>
        </span>
      )}
    </span>
  );
}

type RowProps = Omit<BarProps, 'fraction' | 'top'> & { readonly top: number | null };

function FractionRow({ row, before, top, isInForce, isCompact }: RowProps) {
  return (
    <li
      className={cls('row', 'fraction', row.isFailed && 'failed')}
      aria-label={`${row.label}, ${row.value}. ${row.full}`}
    >
      <span className={cls('label')}>{row.label}</span>
      <span className={cls('value')}>{row.value}</span>
      {row.bar !== null && top !== null ? (
        <FractionBar
          row={row}
          fraction={row.bar}
          before={before}
          top={top}
          isInForce={isInForce}
          isCompact={isCompact}
        />
      ) : (
        <span className={cls('note')} title={row.full}>
          {row.note}
        </span>
      )}
    </li>
  );
}

type SectionProps = {
  readonly steps: readonly LadderStep[];
  readonly isCompact: boolean;
  readonly equity: Money | null;
};

/**
 * From the odds to a fraction of equity to what one contract stands for. A failed step is the last one. Proposal after
 * proposal has the same steps while only the price moves.
 */
export const FractionSection = memo(function FractionSection({ steps, isCompact, equity }: SectionProps) {
  const rows = ladderRows(steps, isCompact);
  const bars = rows.filter((row) => row.bar !== null);
  const top = scaleTop(rows);
  const inForce = bars.at(-1);
  return (
    <section className={cls('section')} aria-label="Fraction of equity">
      <header className={cls('head')}>
        <span>Fraction of equity</span>
        {top !== null && (
          <span className={cls('scale')}>
            0 – {percentText(top, 0)}
            {equity !== null && !isCompact && ` of ${moneyText(equity)}`}
          </span>
        )}
      </header>
      <ol className={cls('rows')}>
        {rows.map((row) => (
          <FractionRow
            key={row.code}
            row={row}
            before={bars[bars.indexOf(row) - 1]?.bar ?? null}
            top={top}
            isInForce={row === inForce}
            isCompact={isCompact}
          />
        ))}
      </ol>
    </section>
  );
});
