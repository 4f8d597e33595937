import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { SceneSvg } from '#renderer/src/features/performance/scene-svg.tsx';
import type { Scene } from '#renderer/src/features/performance/scene.ts';
import { useBoxSize } from '#renderer/src/features/performance/use-box-size.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './models.module.css';

const cls = styler(css);

type PictureProps = {
  /** Stable between renders with the same figures. */
  readonly draw: (size: { readonly width: number; readonly height: number }) => Scene;
  readonly alternative: string;
  /** The same in words or figures, for who does not see it. */
  readonly children?: ReactNode;
};

/** A picture at the size it is given. */
export function Picture({ draw, alternative, children }: PictureProps) {
  const { ref, size } = useBoxSize();
  const scene = useMemo(() => (size === null || size.width < 1 || size.height < 1 ? null : draw(size)), [draw, size]);
  return (
    <div ref={ref} className={cls('picture')}>
      <div className={cls('drawing')} role="img" aria-label={alternative}>
        {scene !== null && <SceneSvg scene={scene} />}
      </div>
      {children}
    </div>
  );
}
