import type { CSSProperties } from 'react';
import type { Decision } from '#shared/domain/decision.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import type { Money } from '#shared/units.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { oneMoreText } from '#shared/wording/index.ts';
import { nextWalls, oneMoreShort, zeroTitle } from '#renderer/src/ui/words.ts';
import { FractionSection } from './ladder-fraction.tsx';
import { WallSection } from './ladder-walls.tsx';
import css from './ladder.module.css';

const cls = styler(css);

type LadderProps = {
  readonly recommendation: Recommendation;
  readonly isCompact: boolean;
  /** What the fractions are fractions of; null where it is not known any more. */
  readonly equity: Money | null;
  /** With a height of its own instead of the container's: for a ladder inside a page that scrolls. */
  readonly isInline?: boolean;
};

function ResultRow({ recommendation, isCompact }: Pick<LadderProps, 'recommendation' | 'isCompact'>) {
  const { decision } = recommendation;
  const isZero = decision.contracts === 0;
  return (
    <div className={cls('result')}>
      <span className={cls('resultLabel')}>Size</span>
      <span className={cls('resultValue')}>{decision.contracts}</span>
      <span className={cls('resultText')}>
        <span className={cls('resultFirst')}>
          {isZero ? zeroTitle(recommendation) : isCompact ? oneMoreShort(decision) : oneMoreText(decision)}
        </span>
        <span className={cls('resultNext')}>{isZero ? '' : nextWalls(decision, isCompact)}</span>
      </span>
    </div>
  );
}

/** How many rows share the height: the style sheet divides it. Cap and minimum are one row. */
function rowCount({ ladder, walls }: Decision): CSSProperties {
  const isMerged = ladder.some((step) => step.code === 'minimum');
  return { ['--rows' as string]: ladder.length - (isMerged ? 1 : 0) + walls.length };
}

/**
 * Tells the style sheet how high the ladder is, before the frame is drawn. As a unit of a size container the height would
 * cost all rows their style again with every figure that changes in one.
 */
function tellHeight(ladder: HTMLElement | null): (() => void) | undefined {
  if (ladder === null) return undefined;
  const sized = new ResizeObserver(([entry]) => {
    if (entry !== undefined) ladder.style.setProperty('--height', `${entry.contentRect.height}px`);
  });
  sized.observe(ladder);
  return () => sized.disconnect();
}

/** Every step from probability to contracts, what each limit allows, and the result. */
export function Ladder({ recommendation, isCompact, equity, isInline = false }: LadderProps) {
  const { decision } = recommendation;
  return (
    <div ref={isInline ? null : tellHeight} className={cls('ladder', isInline && 'inline')} style={rowCount(decision)}>
      <FractionSection steps={decision.ladder} isCompact={isCompact} equity={equity} />
      <WallSection recommendation={recommendation} />
      <ResultRow recommendation={recommendation} isCompact={isCompact} />
    </div>
  );
}
