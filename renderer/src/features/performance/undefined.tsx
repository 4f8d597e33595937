import { DASH } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './views.module.css';

const cls = styler(css);

/** What cannot be known: a dash, and why. */
export function Undefined({ reason }: { readonly reason: string | null }) {
  return (
    <span className={cls('undefined')} title={reason ?? undefined}>
      <span aria-hidden="true">{DASH}</span>
      <span className={cls('spoken')}>not known: {reason}</span>
    </span>
  );
}
