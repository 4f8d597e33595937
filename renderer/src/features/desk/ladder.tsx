import type { CSSProperties } from 'react';
import type { Decision } from '#shared/domain/decision.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { useSelected } from '#renderer/src/store/recommendations.ts';
import { Empty, Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { basisText, nextWalls, oneMore, shorten, zeroTitle } from '#renderer/src/ui/words.ts';
import { FractionSection } from './ladder-fraction.tsx';
import { WallSection } from './ladder-walls.tsx';
import css from './ladder.module.css';
import { useSizeClass } from './use-size-class.ts';

const cls = styler(css);

function ResultRow({ recommendation }: { readonly recommendation: Recommendation }) {
  const isCompact = useSizeClass() === 'compact';
  const { decision } = recommendation;
  const isZero = decision.contracts === 0;
  return (
    <div className={cls('result')}>
      <span className={cls('resultLabel')}>Size</span>
      <span className={cls('resultValue')}>{decision.contracts}</span>
      <span className={cls('resultText')}>
        <span className={cls('resultFirst')}>
          {isZero
            ? zeroTitle(recommendation)
            : isCompact
              ? shorten(oneMore(decision, true), 30)
              : oneMore(decision, true)}
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

const title = (decision: Decision): string => `Why ${decision.contracts}`;

/** Every step from probability to contracts, what each limit allows, and the result. */
export function LadderPanel() {
  const recommendation = useSelected();
  const isCompact = useSizeClass() === 'compact';
  if (recommendation === null) {
    return (
      <Panel id="ladder" title="Why" isGrowing>
        <Empty title="No recommendation">Every step from probability to contracts is drawn here.</Empty>
      </Panel>
    );
  }
  const { decision } = recommendation;
  return (
    <Panel
      id="ladder"
      title={title(decision)}
      note="from probability to contracts"
      tools={basisText(decision)}
      isTitleHidden={isCompact}
      isGrowing
    >
      <div className={cls('ladder')} style={rowCount(decision)}>
        <FractionSection decision={decision} isCompact={isCompact} />
        <WallSection recommendation={recommendation} />
        <ResultRow recommendation={recommendation} />
      </div>
    </Panel>
  );
}
