import { memo } from 'react';
import type { Wall } from '#shared/domain/decision.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { wallText } from '#shared/wording/index.ts';
import { countText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { axisMarks, axisShare, contractAxis } from './contract-axis.ts';
import type { ContractAxis } from './contract-axis.ts';
import css from './ladder.module.css';

const cls = styler(css);
const at = (share: number): string => `${share * 100}%`;

/** From here on a part of a contract says nothing: the whole contracts have the room of both figures. */
const MANY = 1_000;
/** The most contracts that are written out. */
const WRITTEN_OUT = 99_999_999;
/** Rounded down: a limit is never shown as more than it allows. */
const compact = new Intl.NumberFormat('en-US', {
  notation: 'compact',
  maximumFractionDigits: 1,
  roundingMode: 'floor',
});

const manyText = (allowed: number): string => (allowed > WRITTEN_OUT ? compact.format(allowed) : countText(allowed));

type WallProps = { readonly wall: Wall } & ContractAxis;

/** A wall that says the same on the same axis is the one that stands there. */
const WallRow = memo(function WallRow({ wall, ...axis }: WallProps) {
  const text = wallText(wall);
  const reach = wall.unrounded ?? wall.allowed;
  const isLong = reach > axis.top;
  const isMany = reach >= MANY;
  return (
    <li
      className={cls('row', 'wall', wall.binds && 'binds')}
      aria-label={`${text.label} allows ${text.allowed}${wall.binds ? ', binds' : ''}, ${text.reading} at this size`}
      title={`${text.reading} at this size${text.note === '' ? '' : `; ${text.note}`}`}
    >
      <span className={cls('label')}>{text.label}</span>
      {isMany ? null : <span className={cls('unrounded')}>{wall.unrounded === null ? '' : text.unrounded}</span>}
      <span className={cls('value', isMany && 'many')}>{isMany ? manyText(wall.allowed) : wall.allowed}</span>
      <span className={cls('graphic')}>
        <span className={cls('wallBar', isLong && 'long')} style={{ width: at(axisShare(reach, axis)) }} />
        {wall.binds && (
          <span className={cls('bindsWord')} style={{ left: `calc(${at(axisShare(reach, axis))} + 10px)` }}>
            ◀ binds
          </span>
        )}
      </span>
    </li>
  );
});

function Head({ axis, hasWalls }: { readonly axis: ContractAxis; readonly hasWalls: boolean }) {
  return (
    <header className={cls('head', 'wallHead')}>
      <span>Contracts each limit allows</span>
      {hasWalls && (
        <span className={cls('axis')} aria-hidden="true">
          {axisMarks(axis).map((mark, place) => (
            <span key={place} className={cls('mark')} style={{ left: at(axisShare(mark, axis)) }}>
              {mark}
            </span>
          ))}
        </span>
      )}
    </header>
  );
}

/** What each limit allows on one axis; the dashed line falls through all bars at the size. */
export function WallSection({ recommendation }: { readonly recommendation: Recommendation }) {
  const { decision, id } = recommendation;
  const draft = useUi((s) => (s.draft?.id === id ? s.draft.contracts : null));
  const axis = contractAxis(decision);
  const hasWalls = decision.walls.length > 0;
  const isAnswer = decision.contracts > 0 || decision.walls.some((wall) => wall.binds);
  return (
    <section className={cls('section', 'walls')} aria-label="Contracts each limit allows">
      <Head axis={axis} hasWalls={hasWalls} />
      {!hasWalls && <p className={cls('none')}>Not asked: the signal ended above.</p>}
      <ol className={cls('rows')}>
        {decision.walls.map((wall) => (
          <WallRow key={wall.code} wall={wall} {...axis} />
        ))}
      </ol>
      {hasWalls && isAnswer && (
        <span className={cls('drop')} aria-hidden="true">
          <span className={cls('dropLine')} style={{ left: at(axisShare(decision.contracts, axis)) }} />
          {draft !== null && <span className={cls('yours')} style={{ left: at(axisShare(draft, axis)) }} />}
        </span>
      )}
    </section>
  );
}
