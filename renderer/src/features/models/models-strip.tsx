import type { ModelsReport, ScoredModel } from '#shared/domain/models.ts';
import { countText, numberText, signedPercentText } from '#shared/format/numbers.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { HeadlineCell, LastKnown } from '#renderer/src/ui/headline.tsx';
import stripCss from '#renderer/src/ui/headline.module.css';
import css from './models.module.css';
import { modelsWords } from './models-words.ts';

const cls = styler({ ...stripCss, ...css });

function skillNote(pooled: ScoredModel | undefined): string {
  const skill = pooled?.scores?.skill ?? null;
  if (skill === null) return 'needs a win and a loss';
  if (skill.lower === null || skill.upper === null) return 'against the base rate';
  return `90 %: ${signedPercentText(skill.lower, 1)} to ${signedPercentText(skill.upper, 1)}`;
}

type StripProps = {
  readonly report: ModelsReport;
  readonly isCompact: boolean;
  readonly lostSince: number | null;
};

/** The state of the models in a sentence, and the figures it rests on. Limits are those of the last 100. */
export function ModelsStrip({ report, isCompact, lostSince }: StripProps) {
  const watch = useStatus((s) => s.risk?.watch ?? null);
  const { title, detail, tone } = modelsWords(report);
  const pooled = report.models.find(({ subject }) => subject === 'pooled');
  const scores = pooled?.scores ?? null;
  const recent = (value: number | null | undefined, limit: number): string =>
    value == null
      ? `warns at ${numberText(limit, 3)}`
      : `last 100: ${numberText(value, 3)}, warns ${numberText(limit, 3)}`;
  return (
    <section className={cls('strip')} aria-labelledby="models-sentence">
      <div className={cls('words')}>
        <h2
          id="models-sentence"
          className={cls('title', tone === 'warn' && 'titleWarn', tone === 'loss' && 'titleLoss')}
        >
          {title}
        </h2>
        <p className={cls('detail')}>{detail}</p>
        {lostSince !== null && <LastKnown readAt={lostSince} />}
      </div>
      <dl className={cls('cells')}>
        <HeadlineCell
          name="Brier"
          value={numberText(scores?.brier, 3)}
          note={recent(watch?.brier100, report.limits.brierWarn)}
        />
        {!isCompact && <HeadlineCell name="Log loss" value={numberText(scores?.logLoss, 3)} note="a coin is 0.693" />}
        <HeadlineCell
          name="Calibration error"
          value={numberText(scores?.calibrationError, 3)}
          note={recent(watch?.calibrationError100, report.limits.calibrationErrorWarn)}
        />
        {!isCompact && (
          <HeadlineCell name="Skill" value={signedPercentText(scores?.skill?.value, 1)} note={skillNote(pooled)} />
        )}
        <HeadlineCell name="Resolved" value={countText(pooled?.resolved)} note="taken or not, all followed" />
      </dl>
    </section>
  );
}
