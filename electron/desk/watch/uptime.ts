import type { Uptime } from '#shared/domain/models.ts';
import type { Connection } from '#shared/domain/status.ts';
import type { EpochMs } from '#shared/units.ts';

const MARK_MS = 20 * 60_000;
const MARKS = 72;
const DAY_MS = MARK_MS * MARKS;

type Spell = { readonly from: EpochMs; readonly isUp: boolean };

/** Remembers for a day when each connection was up and when it had lost contact. */
export interface UptimeWatch {
  note(connection: Connection, at: EpochMs): void;
  /** One letter per 20 minutes up to `now`, oldest first: d lost contact in it, u up in all that was watched, - not watched. */
  marks(id: string, now: EpochMs): string;
}

const isUp = ({ state }: Connection): boolean => state === 'live';

function markOf(spells: readonly Spell[], from: number, to: number): 'u' | 'd' | '-' {
  let mark: 'u' | 'd' | '-' = '-';
  spells.forEach((spell, i) => {
    const end = spells[i + 1]?.from ?? Infinity;
    if (spell.from >= to || end <= from) return;
    if (!spell.isUp) mark = 'd';
    else if (mark === '-') mark = 'u';
  });
  return mark;
}

/** Returns a watch that has seen nothing yet. A connection counts from its first contact: coming up is not an outage. */
export function createUptimeWatch(): UptimeWatch {
  const byId = new Map<string, Spell[]>();
  return {
    note: (connection, at) => {
      const spells = byId.get(connection.id) ?? [];
      byId.set(connection.id, spells);
      const last = spells.at(-1);
      const up = isUp(connection);
      if (last === undefined ? !up : last.isUp === up) return;
      spells.push({ from: at, isUp: up });
      while ((spells[1]?.from ?? Infinity) <= at - DAY_MS) spells.shift();
    },
    marks: (id, now) => {
      const spells = byId.get(id) ?? [];
      // The last mark is the one that is running.
      const end = (Math.floor(now / MARK_MS) + 1) * MARK_MS;
      return Array.from({ length: MARKS }, (_, i) => {
        const to = end - (MARKS - 1 - i) * MARK_MS;
        return markOf(spells, to - MARK_MS, Math.min(to, now + 1));
      }).join('');
    },
  };
}

/** Returns the uptime rows of the connections there are. */
export const uptimeOf = (watch: UptimeWatch, connections: readonly Connection[], now: EpochMs): readonly Uptime[] =>
  connections.map((connection) => {
    const { id, kind, name, state, uptime } = connection;
    watch.note(connection, now);
    return { id, kind, name, state, uptime, marks: watch.marks(id, now) };
  });
