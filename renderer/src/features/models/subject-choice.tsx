import type { ScoredSubject } from '#shared/domain/models.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './models.module.css';
import { SUBJECTS } from './names.ts';

const cls = styler(css);

const ORDER = ['pooled', 'lstm', 'ensemble'] as const satisfies readonly ScoredSubject[];

type ChoiceProps = {
  /** What is chosen: "Reliability of". */
  readonly label: string;
  readonly subject: ScoredSubject;
  readonly choose: (subject: ScoredSubject) => void;
};

/** Both models pooled, or one of them. */
export function SubjectChoice({ label, subject, choose }: ChoiceProps) {
  return (
    <span className={cls('choices')} role="group" aria-label={label}>
      {ORDER.map((name) => (
        <button
          key={name}
          type="button"
          className={cls('choice', name === subject && 'chosen')}
          aria-pressed={name === subject}
          onClick={() => choose(name)}
        >
          {SUBJECTS[name]}
        </button>
      ))}
    </span>
  );
}
