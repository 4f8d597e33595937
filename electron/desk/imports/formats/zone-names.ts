/**
 * Zones by the abbreviation a trading program puts into a column name. The abbreviation follows the season in which
 * the file was written, not the season of the row, so it stands for the region. MST is left out: it may be Denver in
 * winter or Phoenix all year; so is GMT, which London's clocks say in winter only.
 */
const ZONES: Readonly<Record<string, string>> = {
  CST: 'America/Chicago',
  CDT: 'America/Chicago',
  CT: 'America/Chicago',
  EST: 'America/New_York',
  EDT: 'America/New_York',
  ET: 'America/New_York',
  MDT: 'America/Denver',
  PST: 'America/Los_Angeles',
  PDT: 'America/Los_Angeles',
  PT: 'America/Los_Angeles',
  CET: 'Europe/Berlin',
  CEST: 'Europe/Berlin',
  UTC: 'UTC',
};

/** A column's zone as its name says it: `Update Time (CST)` → CST. */
export type ColumnZone = { readonly abbreviation: string; readonly zone: string | null };

/** Returns the zone in the parentheses of a column name; null when the name has none. */
export function zoneOfColumn(column: string): ColumnZone | null {
  const abbreviation = /\(([A-Za-z]{2,5})\)\s*$/.exec(column)?.[1]?.toUpperCase();
  return abbreviation === undefined ? null : { abbreviation, zone: ZONES[abbreviation] ?? null };
}
