import type { Decision } from '#shared/domain/decision.ts';
import { Ladder } from '#renderer/src/features/ladder/ladder.tsx';
import { useExplained } from '#renderer/src/store/explained.ts';
import { useShown } from '#renderer/src/store/plan-draft.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { Empty, Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { useKeyboardScroll } from '#renderer/src/ui/use-keyboard-scroll.ts';
import { basisText } from '#renderer/src/ui/words.ts';
import css from './ladder.module.css';
import { useSizeClass } from './use-size-class.ts';

const cls = styler(css);

const title = (decision: Decision): string => `Why ${decision.contracts}`;

/** The ladder of the selected recommendation. */
export function LadderPanel() {
  const recommendation = useShown(useExplained());
  const equity = useStatus((s) => s.risk?.sizingEquity ?? null);
  const isCompact = useSizeClass() === 'compact';
  const scroll = useKeyboardScroll();
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
      <div className={cls('room')} {...scroll}>
        <Ladder recommendation={recommendation} isCompact={isCompact} equity={equity} />
      </div>
    </Panel>
  );
}
