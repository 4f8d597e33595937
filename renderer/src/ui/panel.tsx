import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import css from './panel.module.css';
import { styler } from './styler.ts';
import { useKeyboardScroll } from './use-keyboard-scroll.ts';

const cls = styler(css);

type PanelProps = {
  readonly id: string;
  readonly title: string;
  readonly note?: ReactNode;
  readonly tools?: ReactNode;
  readonly strip?: ReactNode;
  readonly isTitleHidden?: boolean;
  readonly isGrowing?: boolean;
  readonly children: ReactNode;
};

/** A region of the flat plane with its 30 px header. A strip takes its room from the content, which scrolls. */
export function Panel({
  id,
  title,
  note,
  tools,
  strip,
  isTitleHidden = false,
  isGrowing = false,
  children,
}: PanelProps) {
  const scroll = useKeyboardScroll();
  return (
    <section className={cls('panel', isGrowing && 'growing')} aria-labelledby={`${id}-title`}>
      <header className={cls(isTitleHidden ? 'hidden' : 'header')}>
        <h2 id={`${id}-title`} className={cls('title')}>
          {title}
        </h2>
        {note !== undefined && <span className={cls('note')}>{note}</span>}
        {tools !== undefined && <span className={cls('tools')}>{tools}</span>}
      </header>
      {strip}
      <div className={cls('body')} {...scroll}>
        {children}
      </div>
    </section>
  );
}

type StripProps = {
  readonly tone: 'warn' | 'loss';
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
};

/** A full-width line that says what limits a panel: a sign, a title in the tone, the cause, one action. */
export function Strip({ tone, title, children, action }: StripProps) {
  return (
    <div className={cls('strip', tone)} role="status">
      <span className={cls('sign')} aria-hidden="true">
        {tone === 'warn' ? '◷' : '✕'}
      </span>
      <span className={cls('stripText')}>
        <strong>{title}</strong> {children}
      </span>
      {action}
    </div>
  );
}

type EmptyProps = { readonly title: string; readonly children?: ReactNode; readonly actions?: ReactNode };

/** Says why a panel is empty and when that changes. */
export function Empty({ title, children, actions }: EmptyProps) {
  return (
    <div className={cls('empty')}>
      <p className={cls('emptyTitle')}>{title}</p>
      {children !== undefined && <p className={cls('emptyText')}>{children}</p>}
      {actions !== undefined && <div className={cls('emptyActions')}>{actions}</div>}
    </div>
  );
}

const SKELETON_DELAY_MS = 150;

/** Rows in the final grid while something is read; nothing for the first 150 ms, so a quick answer does not blink. */
export function Skeleton({ rows, text }: { readonly rows: number; readonly text: string }) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), SKELETON_DELAY_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return null;
  return (
    <div className={cls('skeleton')} role="status" aria-label={text}>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className={cls('skeletonRow')} aria-hidden="true">
          <span />
          <span />
          <span />
        </div>
      ))}
      <p className={cls('skeletonText')}>{text}</p>
    </div>
  );
}
