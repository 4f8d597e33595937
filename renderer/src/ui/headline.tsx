import css from './headline.module.css';
import { styler } from './styler.ts';
import { useAge } from './use-age.ts';

const cls = styler(css);

/** A large figure of a screen's strip with its name above and what it is of below. */
export type Headline = { readonly name: string; readonly value: string; readonly note: string };

/** One of the four or five figures that stand beside a screen's sentence. */
export function HeadlineCell({ name, value, note }: Headline) {
  return (
    <div className={cls('cell')}>
      <dt>{name}</dt>
      <dd className={cls('value')}>{value}</dd>
      <dd className={cls('note')}>{note}</dd>
    </div>
  );
}

/** The desk is out of reach: how old the figures are. In the strip's own room, so that nothing moves. */
export function LastKnown({ readAt }: { readonly readAt: number }) {
  const age = useAge(readAt);
  return (
    <p className={cls('lastKnown')}>
      <span aria-hidden="true">◷</span> Last known, {age} old. Read again as soon as the desk answers.
    </p>
  );
}
