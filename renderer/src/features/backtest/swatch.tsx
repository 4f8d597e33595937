import scene from '#renderer/src/features/performance/scene.module.css';
import { styler } from '#renderer/src/ui/styler.ts';
import type { LineStyle } from './line-styles.ts';

const cls = styler(scene);

/** A piece of a policy's line as the charts draw it; an empty place when it has none. */
export function Swatch({ style }: { readonly style: LineStyle | null }) {
  return (
    <svg width="22" height="8" aria-hidden="true">
      {style !== null && (
        <path
          className={cls('line', `stroke-${style.tone}`)}
          d="M0 4H22"
          strokeWidth={style.width}
          strokeDasharray={style.dash.length === 0 ? undefined : style.dash.join(' ')}
        />
      )}
    </svg>
  );
}
