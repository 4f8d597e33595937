import { styler } from './styler.ts';
import css from './tab.module.css';

const cls = styler(css);

/** The words of a tab in the room they take when chosen, which is bolder: no tab moves when another is chosen. */
export function TabLabel({ children }: { readonly children: string }) {
  return (
    <span className={cls('label')} data-words={children}>
      {children}
    </span>
  );
}
