import { memo } from 'react';
import { styler } from '#renderer/src/ui/styler.ts';
import { piecesOf } from './line-pieces.ts';
import type { Scene, Shape } from './scene.ts';
import css from './scene.module.css';

const cls = styler(css);

function Line({ shape }: { readonly shape: Extract<Shape, { kind: 'line' }> }) {
  const dash = shape.dash.length === 0 ? undefined : shape.dash.join(' ');
  return piecesOf(shape.d, dash !== undefined).map(({ d, from }, i) => (
    <path
      key={i}
      className={cls('line', `stroke-${shape.tone}`)}
      d={d}
      strokeWidth={shape.width}
      strokeDasharray={dash}
      strokeDashoffset={from === 0 ? undefined : from}
    />
  ));
}

function Drawn({ shape }: { readonly shape: Shape }) {
  switch (shape.kind) {
    case 'line':
      return <Line shape={shape} />;
    case 'area':
      return <path className={cls('area', `fill-${shape.tone}`)} d={shape.d} fillOpacity={shape.opacity} />;
    case 'ring':
      return <circle className={cls('ring', `stroke-${shape.tone}`)} cx={shape.x} cy={shape.y} r={shape.radius} />;
    case 'dot':
      return <circle className={cls('dot', `fill-${shape.tone}`)} cx={shape.x} cy={shape.y} r={shape.radius} />;
    case 'text':
      return (
        <text
          className={cls('text', `fill-${shape.tone}`, shape.isStrong && 'strong')}
          x={shape.x}
          y={shape.y}
          textAnchor={shape.anchor}
        >
          {shape.text}
        </text>
      );
  }
}

/** A chart on the screen. Its figures are told by the element around it. */
export const SceneSvg = memo(function SceneSvg({ scene }: { readonly scene: Scene }) {
  return (
    <svg className={cls('scene')} width={scene.width} height={scene.height} aria-hidden="true">
      {scene.shapes.map((shape) => (
        <Drawn key={shape.key} shape={shape} />
      ))}
    </svg>
  );
});
