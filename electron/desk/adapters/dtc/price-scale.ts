import { type Ticks, ticks } from '#shared/units.ts';

/** Turns the prices of the wire into integer ticks and back. */
export interface PriceScale {
  /** Nearest tick. */
  readonly toTicks: (price: number) => Ticks;
  /** Mean prices lie between ticks. */
  readonly toMean: (price: number) => number;
  /** The double nearest to the decimal price, without the drift of a product. */
  readonly fromTicks: (price: Ticks) => number;
}

/** Decimals of a tick size as it is written: 0.25 has 2, 0.0000005 has 7. */
const decimalsOf = (tickSize: number): number => {
  for (let decimals = 0; decimals < 12; decimals += 1) {
    const scaled = tickSize * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-9 * scaled) return decimals;
  }
  return 12;
};

/**
 * Makes the scale of one symbol.
 * @param tickSize price units per tick, as the desk has it
 * @param multiplier what a price of the wire is multiplied with to be the one traders see
 */
export function createPriceScale(tickSize: number, multiplier: number): PriceScale {
  const unit = 10 ** decimalsOf(tickSize);
  const step = Math.round(tickSize * unit);
  const toMean = (price: number): number => (price * multiplier * unit) / step;
  return {
    toTicks: (price) => ticks(Math.round(toMean(price))),
    toMean,
    fromTicks: (price) => {
      const shown = (price * step) / unit;
      return multiplier === 1 ? shown : Number((shown / multiplier).toPrecision(12));
    },
  };
}

/** A float32 of the wire as the decimal it was meant to be: 0.10000000149 is 0.1. */
export const fromFloat = (value: number): number => Number(value.toPrecision(7));
