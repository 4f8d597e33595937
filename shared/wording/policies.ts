import type { PolicySpec } from '#shared/domain/policy.ts';
import { limitText, numberText } from '#shared/format/numbers.ts';
import { assertNever } from '#shared/result.ts';
import { countedText } from './names.ts';

const FRACTIONS: Readonly<Record<string, string>> = { '0.5': '½', '0.333333': '⅓', '0.25': '¼' };

/** A multiplier as words: "full", "½", "0.4 ×". */
const multiplierText = (multiplier: number): string => {
  if (multiplier === 1) return 'full';
  return FRACTIONS[String(Number(multiplier.toPrecision(6)))] ?? `${String(Number(multiplier.toPrecision(4)))} ×`;
};

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** The name of a policy with its parameters, as tables and charts show it. */
export function policyLabel(spec: PolicySpec): string {
  switch (spec.kind) {
    case 'fixed-contracts':
      return `Fixed, ${countedText(spec.contracts, 'contract')}`;
    case 'fixed-fractional':
      return `Fixed fractional ${limitText(spec.fraction)}`;
    case 'kelly':
      return `${sentence(multiplierText(spec.multiplier))} Kelly, plug-in`;
    case 'recommended': {
      const changed = [
        spec.multiplier === null ? [] : [`λ ${numberText(spec.multiplier, 3)}`],
        spec.evidenceTrades === null ? [] : [`n₀ ${numberText(spec.evidenceTrades, 0)}`],
        spec.lookBackDays === null ? [] : [countedText(spec.lookBackDays, 'day')],
      ].flat();
      return changed.length === 0 ? 'Recommended, as it was live' : `Recommended, ${changed.join(', ')}`;
    }
    case 'baker-mchale':
      return spec.multiplier === 1 ? 'Baker-McHale' : `Baker-McHale, ${multiplierText(spec.multiplier)}`;
    case 'tilted-kelly':
      return `Tilted empirical Kelly, ${multiplierText(spec.multiplier)}`;
    case 'optimal-f':
      return `Optimal f, at most ${limitText(spec.cap)}`;
    case 'volatility-target':
      return `Volatility target ${limitText(spec.annualVolatility)}`;
    case 'risk-constrained':
      return `Risk-constrained Kelly, α ${numberText(spec.alpha, 2)} β ${numberText(spec.beta, 2)}`;
    default:
      return assertNever(spec);
  }
}
