import type { Assumptions } from '#shared/contract/views.ts';
import type { SizingSnapshot, TradeSample } from '#shared/domain/sizing.ts';
import type { Prediction } from '#shared/domain/prediction.ts';

/** Without shrinking, this sample's payoff ratio is exactly `payoffRatio`; how much evidence it is stays. */
const withPayoff = (sample: TradeSample, payoffRatio: number): TradeSample => ({
  ...sample,
  sumWinR: payoffRatio * sample.wins,
  sumLossR: sample.losses,
});

const withConfidence = (prediction: Prediction | null, confidence: number): Prediction | null =>
  prediction?.state === 'ok' ? { ...prediction, confidence } : prediction;

/**
 * Returns the snapshot with assumptions in the place of what is known: both models as sure as the probability assumed
 * (uncalibrated), every sample with the payoff ratio assumed (unshrunk), λ fixed, another equity. Gates and limits stay
 * in force, so the answer is what the desk would do if the assumptions were true.
 */
export function assuming(snapshot: SizingSnapshot, assume: Assumptions): SizingSnapshot {
  const { winProbability, payoffRatio, multiplier, equity } = assume;
  const { lstm, ensemble } = snapshot.opinions;
  return {
    ...snapshot,
    equity: equity ?? snapshot.equity,
    opinions:
      winProbability === undefined
        ? snapshot.opinions
        : { lstm: withConfidence(lstm, winProbability), ensemble: withConfidence(ensemble, winProbability) },
    samples: payoffRatio === undefined ? snapshot.samples : snapshot.samples.map((s) => withPayoff(s, payoffRatio)),
    config: {
      ...snapshot.config,
      calibrate: winProbability === undefined && snapshot.config.calibrate,
      payoffTrades: payoffRatio === undefined ? snapshot.config.payoffTrades : 0,
      multiplier: multiplier === undefined ? snapshot.config.multiplier : { mode: 'fixed', value: multiplier },
    },
  };
}
