import { Separator } from 'react-resizable-panels';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './desk.module.css';

const cls = styler(css);

/** One drawn pixel between two panels; the arrow keys move it too. */
export function Splitter({ label }: { readonly label: string }) {
  return <Separator className={cls('splitter')} aria-label={label} />;
}
