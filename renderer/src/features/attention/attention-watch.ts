import type { Recommendation } from '#shared/domain/recommendation.ts';
import type { Activity, Connection } from '#shared/domain/status.ts';
import { isOpen } from '#renderer/src/store/queue.ts';
import { activityText, boundText, contractName, sentence, verb } from '#renderer/src/ui/words.ts';
import { connectionName } from '#renderer/src/ui/connection-words.ts';
import type { Occurrence } from './attention-rules.ts';

/** A recommendation with less time left than this is about to expire. */
const SOON_MS = 15_000;
/** A wire that is back within this time was not lost. */
const LOST_MS = 3_000;

type ById<T> = Readonly<Record<string, T>>;

/** What of the desk can call for attention, as it stands. */
export type DeskNow = {
  /** False while the desk makes its history or opens: nothing of that is news. */
  readonly isReady: boolean;
  readonly bySymbol: ById<Recommendation>;
  /** Newest first. */
  readonly activity: readonly Activity[];
  readonly connections: ById<Connection>;
  /** How long the wire to the desk has been lost, in ms; null while it is up. */
  readonly lostForMs: number | null;
  /** The desk's time, epoch ms. */
  readonly now: number;
};

/** What was there at the last look. */
export type Seen = {
  readonly desk: DeskNow;
  /** Recommendations whose end was told. */
  readonly soon: ReadonlySet<string>;
  readonly isLossTold: boolean;
};

const proposal = ({ decision, symbol }: Recommendation): string =>
  `${verb(decision)} ${decision.contracts} ${contractName(symbol)}`;

function recommendations(before: ById<Recommendation>, { bySymbol }: DeskNow): readonly Occurrence[] {
  return Object.values(bySymbol)
    .filter((one) => isOpen(one) && before[one.symbol]?.id !== one.id)
    .map((one) => ({
      kind: 'recommendation',
      title: proposal(one),
      text: boundText(one.decision),
      symbol: one.symbol,
    }));
}

const isSoon = (one: Recommendation, now: number): boolean => isOpen(one) && one.expiresAt - now <= SOON_MS;

function expiries(told: ReadonlySet<string>, { bySymbol, now }: DeskNow): readonly Occurrence[] {
  return Object.values(bySymbol)
    .filter((one) => isSoon(one, now) && one.expiresAt > now && !told.has(one.id))
    .map((one) => ({
      ...{ kind: 'expiry', symbol: one.symbol, title: `${contractName(one.symbol)} expires soon` },
      text: `${proposal(one)} in ${Math.ceil((one.expiresAt - now) / 1_000)} s, not decided`,
    }));
}

const LINES: Readonly<Partial<Record<Activity['kind'], Pick<Occurrence, 'kind' | 'title'>>>> = {
  filled: { kind: 'fill', title: 'Filled' },
  halted: { kind: 'breaker', title: '■ Halted' },
  reducing: { kind: 'breaker', title: '◐ Reducing' },
};

/** A desk that was started again counts its lines from the beginning. */
function fresh(before: readonly Activity[], { activity }: DeskNow): readonly Activity[] {
  const last = before[0]?.seq ?? -1;
  const isRestarted = (activity[0]?.seq ?? -1) < last;
  return isRestarted ? [] : activity.filter(({ seq }) => seq > last);
}

function lines(before: readonly Activity[], desk: DeskNow): readonly Occurrence[] {
  return [...fresh(before, desk)].reverse().flatMap((line): readonly Occurrence[] => {
    const told = LINES[line.kind];
    if (told === undefined) return [];
    const name = line.symbol === null ? '' : ` ${contractName(line.symbol)}`;
    const text = sentence(activityText(line));
    return [{ kind: told.kind, title: `${told.title}${name}`, text, symbol: line.symbol }];
  });
}

function losses(before: ById<Connection>, { connections }: DeskNow): readonly Occurrence[] {
  return Object.values(connections)
    .filter(({ id, state }) => {
      const old = before[id]?.state;
      return state === 'disconnected' && old !== undefined && old !== 'disconnected' && old !== 'connecting';
    })
    .map((one) => ({
      ...{ kind: 'disconnect', symbol: null, title: `✕ ${connectionName(one)} is down` },
      text: one.detail ?? 'The desk tries to connect again by itself.',
    }));
}

const DESK_LOST: Occurrence = {
  kind: 'disconnect',
  title: '✕ The desk does not answer',
  text: 'Stops at the broker stand; this window tries to connect again by itself.',
  symbol: null,
};

/** Takes over what has been told of, for the next look; what is over is forgotten. */
const soonOf = (before: ReadonlySet<string>, { bySymbol, now }: DeskNow): ReadonlySet<string> =>
  new Set(
    Object.values(bySymbol)
      .filter((one) => before.has(one.id) || isSoon(one, now))
      .map(({ id }) => id),
  );

/**
 * Holds the desk against the last look at it: what has happened since, oldest first within a kind. The first look, and
 * any before the desk is ready, tells nothing: what stands there already is no news.
 */
export function look(
  before: Seen | null,
  desk: DeskNow,
): { readonly seen: Seen; readonly happened: readonly Occurrence[] } {
  const isLost = desk.lostForMs !== null && desk.lostForMs >= LOST_MS;
  const wasTold = before?.isLossTold === true && desk.lostForMs !== null;
  const seen: Seen = { desk, soon: soonOf(before?.soon ?? new Set(), desk), isLossTold: isLost || wasTold };
  if (before === null || !before.desk.isReady || !desk.isReady) return { seen, happened: [] };
  const happened = [
    ...(isLost && !wasTold ? [DESK_LOST] : []),
    ...lines(before.desk.activity, desk),
    ...losses(before.desk.connections, desk),
    // Without the wire nothing can be decided: that it expires meanwhile is no help.
    ...(desk.lostForMs === null ? expiries(before.soon, desk) : []),
    ...recommendations(before.desk.bySymbol, desk),
  ];
  return { seen, happened };
}

/** How many recommendations wait for the trader. */
export const waitingCount = (bySymbol: ById<Recommendation>): number => Object.values(bySymbol).filter(isOpen).length;
