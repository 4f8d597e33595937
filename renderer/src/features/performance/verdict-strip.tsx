import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import { countText, percentText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { pointDay } from './time-ticks.ts';
import { useAge } from './use-age.ts';
import { daysNeededWords, nextVerdictWords, verdictWords } from './verdict-words.ts';
import { verdictsOf } from './verdict.ts';
import css from './verdict-strip.module.css';

const cls = styler(css);

type CellProps = { readonly name: string; readonly value: string; readonly note: string };

function Cell({ name, value, note }: CellProps) {
  return (
    <div className={cls('cell')}>
      <dt>{name}</dt>
      <dd className={cls('value')}>{value}</dd>
      <dd className={cls('note')}>{note}</dd>
    </div>
  );
}

const sinceText = (from: number | null): string => (from === null ? 'none closed yet' : `since ${pointDay(from)}`);

/** The desk is out of reach: how old the figures are. In the strip's own room, so that nothing moves. */
function LastKnown({ readAt }: { readonly readAt: number }) {
  const age = useAge(readAt);
  return (
    <p className={cls('lastKnown')}>
      <span aria-hidden="true">◷</span> Last known, {age} old. Read again as soon as the desk answers.
    </p>
  );
}

type StripProps = {
  readonly history: PerformanceHistory;
  readonly isCompact: boolean;
  /** When the figures were read, while the desk is out of reach; else null. */
  readonly lostSince: number | null;
};

/** The comparison of Kelly and fixed sizing in a sentence, and how far it is from being proven. */
export function VerdictStrip({ history, isCompact, lostSince }: StripProps) {
  const { trades, from } = history;
  const { verdict, running } = verdictsOf(history.verdict);
  const next = nextVerdictWords(history.verdict);
  const { title, detail } = verdictWords(verdict);
  const needed = daysNeededWords(running);
  return (
    <section className={cls('strip')} aria-labelledby="verdict-sentence">
      <div className={cls('words')}>
        <h2 id="verdict-sentence" className={cls('title')}>
          {title}
        </h2>
        <p className={cls('detail')}>
          {detail.before} {detail.figure !== '' && <b>{detail.figure}</b>}
          {detail.after}
        </p>
        {lostSince !== null && <LastKnown readAt={lostSince} />}
      </div>
      <dl className={cls('cells')}>
        <Cell name="Days still needed" value={needed.value} note={needed.note} />
        {isCompact ? (
          <Cell name="Next verdict" {...next} />
        ) : (
          <>
            <Cell name="Days so far" value={countText(running.days)} note={sinceText(from)} />
            <Cell
              name="Decisions"
              value={countText(running.decisions)}
              note={`${countText(trades.trades)} trades closed`}
            />
            <Cell name="Next verdict" {...next} />
            <Cell name="Benchmark" value={percentText(verdict.fixedFraction)} note="average Kelly fraction" />
          </>
        )}
      </dl>
    </section>
  );
}
