/** A release of Electron by its calendar: a new major every eight weeks, and the newest three are mended. */
const KNOWN = { major: 45, at: Date.UTC(2026, 7, 22) } as const;
const CADENCE_MS = 8 * 7 * 86_400_000;

/** Majors behind the newest that are still mended. */
export const MAJORS_SUPPORTED = 2;

/**
 * Says how many majors a pinned version is behind the newest one, by the calendar and not by asking anybody: it works
 * without a network, and is a warning to look, not a fact.
 * @param pinned as package.json has it, e.g. `^45.4.1`
 * @param at     epoch ms
 * @returns whole majors, 0 when none; null when it is no version
 */
export function majorsBehind(pinned: string, at: number): number | null {
  const major = /^[\^~]?(\d+)\./.exec(pinned)?.[1];
  if (major === undefined) return null;
  const newest = KNOWN.major + Math.max(0, Math.floor((at - KNOWN.at) / CADENCE_MS));
  return Math.max(0, newest - Number(major));
}
