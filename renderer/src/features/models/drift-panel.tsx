import { useCallback } from 'react';
import type { ModelsReport } from '#shared/domain/models.ts';
import { countText, numberText } from '#shared/format/numbers.ts';
import { Empty, Panel } from '#renderer/src/ui/panel.tsx';
import { Tag } from '#renderer/src/ui/tag.tsx';
import { driftScene } from './drift-scene.ts';
import { Picture } from './scene-panel.tsx';

function stateOf({ now, warn, halt }: ModelsReport['drift']): {
  readonly tone: 'plain' | 'warn' | 'loss';
  readonly text: string;
} {
  if (now === null) return { tone: 'plain', text: 'not measured' };
  if (now >= halt) return { tone: 'loss', text: '■ halts' };
  return now >= warn ? { tone: 'warn', text: '◐ warns' } : { tone: 'plain', text: '✓ clear' };
}

function alternativeOf({ now, warn, halt, predictions, resets }: ModelsReport['drift']): string {
  const restarts =
    resets.length === 0 ? '' : ` Started again ${countText(resets.length)} times after a person acknowledged it.`;
  return `CUSUM of ${countText(predictions)} predictions: ${numberText(now, 2)} now, warns at ${numberText(warn, 1)}, halts at ${numberText(halt, 1)}.${restarts}`;
}

/** The drift statistic over time, against the lines at which the breaker warns and halts. */
export function DriftPanel({
  drift,
  isCompact,
}: {
  readonly drift: ModelsReport['drift'];
  readonly isCompact: boolean;
}) {
  const { tone, text } = stateOf(drift);
  const draw = useCallback(
    (size: { readonly width: number; readonly height: number }) => driftScene({ drift, ...size }),
    [drift],
  );
  return (
    <Panel
      id="drift"
      title="Drift"
      note={
        isCompact ? 'CUSUM' : `CUSUM of ${countText(drift.predictions)} predictions: are the odds 0.6 of what is said?`
      }
      tools={<Tag tone={tone}>{text}</Tag>}
      isGrowing
    >
      {drift.points.length < 2 ? (
        <Empty title="No drift to draw yet">The line begins with the second outcome.</Empty>
      ) : (
        <Picture draw={draw} alternative={alternativeOf(drift)} />
      )}
    </Panel>
  );
}
