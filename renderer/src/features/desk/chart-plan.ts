import type { Instrument } from '#shared/domain/instrument.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import type { Ticks } from '#shared/units.ts';
import { priceDecimals, priceText, rText, signedText } from '#shared/format/numbers.ts';
import type { ChartPlan, PlanLine } from '#renderer/src/chart/plan-primitive.ts';

const NAMES = { entry: 'Entry limit', stop: 'Stop', target: 'Target' } as const;

/**
 * What the target pays, net, in units of what the stop costs, with the figures the decision itself shows; null where it
 * ended before its step of capital. Both lines may be moved: the distances are those drawn.
 */
export function targetInR({ decision, entry, stop, target }: Recommendation): number | null {
  const capital = decision.ladder.find((step) => step.code === 'capital');
  if (capital?.code !== 'capital' || entry === null || stop === null || target === null) return null;
  const { tickValue, fees, slippageTicks } = capital;
  const cost = (Math.abs(entry - stop) + slippageTicks) * tickValue + fees;
  return cost <= 0 ? null : (Math.abs(target - entry) * tickValue - fees) / cost;
}

/** How far a line is from the entry, and what reaching it means. */
function distanceText(kind: PlanLine['kind'], recommendation: Recommendation, instrument: Instrument): string {
  const { entry, [kind]: value } = recommendation;
  if (kind === 'entry' || entry === null || value === null) return '';
  const points = signedText((value - entry) * instrument.tickSize, priceDecimals(instrument.tickSize));
  const r = kind === 'target' ? targetInR(recommendation) : null;
  return ` ${points} pt${r === null ? '' : ` · ${rText(r)} net`}`;
}

function planLine(kind: PlanLine['kind'], recommendation: Recommendation, instrument: Instrument): readonly PlanLine[] {
  const value = recommendation[kind];
  if (value === null || recommendation.entry === null) return [];
  return [
    {
      kind,
      price: value * instrument.tickSize,
      label: `${NAMES[kind]}${distanceText(kind, recommendation, instrument)}`,
      axisText: priceText(instrument, value),
    },
  ];
}

/** The lines of the plan and the last price, in the instrument's units. */
export function chartPlan(
  recommendation: Recommendation | undefined,
  instrument: Instrument,
  last: Ticks | null,
): ChartPlan {
  const kinds = ['target', 'stop', 'entry'] as const;
  return {
    lines: recommendation === undefined ? [] : kinds.flatMap((kind) => planLine(kind, recommendation, instrument)),
    last: last === null ? null : { price: last * instrument.tickSize, axisText: priceText(instrument, last) },
  };
}
