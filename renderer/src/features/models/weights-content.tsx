import type { ModelsReport } from '#shared/domain/models.ts';
import { countText, DASH, numberText, signedText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './models.module.css';

const cls = styler(css);

type Advice = ModelsReport['weights'];

const pairText = (pair: Advice['advised']): string =>
  pair === null ? DASH : `${numberText(pair.lstm, 2)} / ${numberText(pair.ensemble, 2)}`;

function conclusion({ resolved, needed, gain, isProven }: Advice): string {
  if (resolved < needed)
    return `Weights stay as they are until ${countText(needed)} predictions have resolved; ${countText(resolved)} have.`;
  if (gain === null) return 'The gain of other weights is not known yet.';
  if (isProven)
    return 'The gain is proven on predictions made after what the weights were learned from. They change in the settings only.';
  return 'Weights stay as they are: the gain is not proven, its interval holds zero or worse.';
}

/** Weights learned from log loss beside those in force. Advice: nothing applies them by itself. */
export function WeightsContent({ advice }: { readonly advice: Advice }) {
  const { inForce, advised, gain } = advice;
  return (
    <div className={cls('facts')}>
      <dl className={cls('factRow')}>
        <div>
          <dt>In force, LSTM / ensemble</dt>
          <dd className={cls('headline')}>{pairText(inForce)}</dd>
        </div>
        <div>
          <dt>Log loss advises</dt>
          <dd className={cls('headline')}>{pairText(advised)}</dd>
        </div>
        <div>
          <dt>Log loss saved per prediction</dt>
          <dd className={cls('headline')}>{gain === null ? DASH : signedText(gain.mean, 5)}</dd>
          <dd className={cls('soft')}>
            {gain === null ? 'needs 30 resolved' : `90 %: ${signedText(gain.lower, 5)} to ${signedText(gain.upper, 5)}`}
          </dd>
        </div>
      </dl>
      <p>{conclusion(advice)}</p>
    </div>
  );
}
