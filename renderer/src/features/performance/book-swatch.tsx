import { styler } from '#renderer/src/ui/styler.ts';
import type { BookStyle } from './books.ts';
import css from './scene.module.css';

const cls = styler(css);

/** A piece of a book's line, as the charts draw it. */
export function BookSwatch({ style }: { readonly style: BookStyle }) {
  return (
    <svg width="22" height="8" aria-hidden="true">
      <path
        className={cls('line', `stroke-${style.tone}`)}
        d="M0 4H22"
        strokeWidth={style.width}
        strokeDasharray={style.dash.length === 0 ? undefined : style.dash.join(' ')}
      />
    </svg>
  );
}
