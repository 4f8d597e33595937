import type { Instrument } from '#shared/domain/instrument.ts';
import { priceText } from '#shared/format/numbers.ts';

/** Quarters of a 32nd are written as one digit: 0, 2, 5, 7. */
const THIRTY_SECONDS = /^(\d+)['’-](\d{2})(?:\.?(\d))?$/;
const EIGHTHS: Readonly<Record<string, number>> = { '0': 0, '1': 1, '2': 2, '3': 3, '5': 4, '6': 5, '7': 6, '8': 7 };

/** Reads a price as traders write it, decimal or in 32nds; null when it is neither. */
function readPrice(text: string): number | null {
  const plain = text.trim().replaceAll(',', '');
  if (/^\d+(\.\d+)?$/.test(plain)) return Number(plain);
  const [, points, thirtySeconds, rest] = THIRTY_SECONDS.exec(plain) ?? [];
  if (points === undefined || thirtySeconds === undefined || Number(thirtySeconds) > 31) return null;
  const eighths = rest === undefined ? 0 : EIGHTHS[rest];
  return eighths === undefined ? null : Number(points) + (Number(thirtySeconds) + eighths / 8) / 32;
}

export type StopReading = { readonly ticks: number | null; readonly error: string | null };

/** Reads a stop price: on the contract's ticks, and on the losing side of the mark. */
export function readStop(
  text: string,
  at: { readonly instrument: Instrument; readonly mark: number; readonly direction: 1 | -1 },
): StopReading {
  const no = (error: string): StopReading => ({ ticks: null, error });
  if (text.trim() === '') return no('Write the price');
  const price = readPrice(text);
  if (price === null) return no(`${text} is not a price`);
  const exact = price / at.instrument.tickSize;
  const count = Math.round(exact);
  if (Math.abs(exact - count) > 1e-6)
    return no(`${text} is between two ticks: ${priceText(at.instrument, Math.floor(exact))} or the next`);
  if ((at.mark - count) * at.direction <= 0)
    return no(
      `A stop stands ${at.direction > 0 ? 'below' : 'above'} the price of ${priceText(at.instrument, Math.round(at.mark))}`,
    );
  return { ticks: count, error: null };
}
