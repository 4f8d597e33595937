import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import { countText, percentText } from '#shared/format/numbers.ts';
import { HeadlineCell, LastKnown } from '#renderer/src/ui/headline.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { pointDay } from './time-ticks.ts';
import { daysNeededWords, nextVerdictWords, verdictWords } from './verdict-words.ts';
import { verdictsOf } from './verdict.ts';
import css from '#renderer/src/ui/headline.module.css';

const cls = styler(css);

const sinceText = (from: number | null): string => (from === null ? 'none closed yet' : `since ${pointDay(from)}`);

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
        <HeadlineCell name="Days still needed" value={needed.value} note={needed.note} />
        {isCompact ? (
          <HeadlineCell name="Next verdict" {...next} />
        ) : (
          <>
            <HeadlineCell name="Days so far" value={countText(running.days)} note={sinceText(from)} />
            <HeadlineCell
              name="Decisions"
              value={countText(running.decisions)}
              note={`${countText(trades.trades)} trades closed`}
            />
            <HeadlineCell name="Next verdict" {...next} />
            <HeadlineCell name="Benchmark" value={percentText(verdict.fixedFraction)} note="average Kelly fraction" />
          </>
        )}
      </dl>
    </section>
  );
}
