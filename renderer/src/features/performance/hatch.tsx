import { styler } from '#renderer/src/ui/styler.ts';
import css from './bars.module.css';

const cls = styler(css);

/** The pattern of bars that stand for losses: told by its hatching as well as by its colour. */
export function Hatch({ id }: { readonly id: string }) {
  return (
    <svg className={cls('defs')} width="0" height="0" aria-hidden="true">
      <defs>
        <pattern id={id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect className={cls('hatchGround')} width="5" height="5" />
          <path className={cls('hatchLine')} d="M0 0V5" />
        </pattern>
      </defs>
    </svg>
  );
}
