import { type Fill, type FillCorrection, fillCorrectionSchema } from '#shared/domain/order.ts';
import { canonicalJson } from './canonical.ts';
import { type DerivedRow, compareText } from './derived-tables.ts';

/** What names a fill, over all venues. */
export type FillKey = Pick<Fill, 'venue' | 'account' | 'execKey'>;

/** A fill as it came, and the venue's last word on it. */
export type FillRecord = { readonly seq: number; readonly fill: Fill; readonly correction: FillCorrection | null };

/** A key as one text. */
export const fillKeyText = ({ venue, account, execKey }: FillKey): string => JSON.stringify([venue, account, execKey]);

/**
 * Says whether a correction counts over another of the same fill: the higher version does. Two of one version that
 * differ are a fault of the venue; one of them wins whatever the order they came in.
 */
export const outranks = (a: FillCorrection, b: FillCorrection | null): boolean =>
  b === null ||
  a.version > b.version ||
  (a.version === b.version && compareText(canonicalJson(a), canonicalJson(b)) > 0);

/** The execution as it counts: with the venue's last word on it; null when it was busted. */
export function effectiveFill({ fill, correction }: Pick<FillRecord, 'fill' | 'correction'>): Fill | null {
  if (correction === null) return fill;
  return correction.corrected === null ? null : { ...fill, ...correction.corrected };
}

export const correctionRow = (seq: number, correction: FillCorrection): DerivedRow => ({
  seq,
  venue: correction.venue,
  account: correction.account,
  exec_key: correction.execKey,
  version: correction.version,
  body: canonicalJson(correction),
});

export const correctionOfBody = (body: string): FillCorrection => fillCorrectionSchema.parse(JSON.parse(body));
