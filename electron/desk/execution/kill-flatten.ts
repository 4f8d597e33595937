import type { KillState } from '#shared/domain/risk.ts';
import type { BrokerSnapshot } from '#desk/ports/broker.ts';
import { type ExecutionContext, sleep } from './context.ts';
import type { KillParts } from './kill-switch.ts';

/** Closing orders per symbol: a position that two could not close is for a human with a telephone. */
const ATTEMPTS = 2;
/** Looks at the broker for a closing order to be executed, and the time between them. */
const LOOKS = 5;
const LOOK_MS = 1_000;
/** Times a symbol must be seen flat, `LOOK_MS` apart. */
const FLAT_TWICE = 2;

export type KillFlattenParts = Pick<KillParts, 'flattening' | 'reconciler'> & {
  readonly state: () => KillState;
  readonly write: (change: Partial<KillState>) => void;
  /** False once trading was armed again or the desk closes. */
  readonly isCurrent: () => boolean;
};

/** The second step of the kill switch: closes what the broker holds, symbol by symbol. */
export interface KillFlatten {
  run(): Promise<void>;
  /** Tells what is still open, with what to do. */
  alarm(): void;
}

const heldOf = (snapshot: BrokerSnapshot, symbol: string): number =>
  snapshot.positions.find((p) => p.symbol === symbol)?.quantity ?? 0;

/** Returns the closing of everything one account holds at its broker. */
export function createKillFlatten(context: ExecutionContext, parts: KillFlattenParts): KillFlatten {
  const { clock, notices } = context;
  const { flattening, reconciler, write, isCurrent } = parts;

  const look = async (): Promise<BrokerSnapshot | null> => (await reconciler.snapshot()).snapshot;

  /** Waits until the closing orders of a symbol have ended and the venue shows what is left; null when it cannot say. */
  const leftAfterClosing = async (symbol: string): Promise<number | null> => {
    let left: number | null = null;
    for (let n = 0; n < LOOKS && isCurrent(); n += 1) {
      const snapshot = await look();
      left = snapshot === null ? null : heldOf(snapshot, symbol);
      if (left === 0 && flattening.underway(symbol).length === 0) return 0;
      await sleep(clock, LOOK_MS);
    }
    return left;
  };
  /** Cancels what works in the symbol, then closes what the venue holds of it. Returns what it could not do, in words. */
  const closeSymbol = async (symbol: string): Promise<string | null> => {
    for (let attempt = 0; attempt < ATTEMPTS && isCurrent(); attempt += 1) {
      // A closing order that has not ended, or is in doubt, may still close it: never another beside it.
      if (flattening.underway(symbol).length === 0) {
        const failure = await sendClosing(symbol);
        if (failure !== null) return failure;
      }
      const left = await leftAfterClosing(symbol);
      if (left === 0) return null;
      if (flattening.underway(symbol).length > 0) return 'a closing order is on its way and not executed';
      if (left === null) return 'the broker does not say what is left';
    }
    return `still open after ${ATTEMPTS} closing orders`;
  };
  const sendClosing = async (symbol: string): Promise<string | null> => {
    try {
      await flattening.clear(symbol);
    } catch (error) {
      return error instanceof Error ? error.message : 'its orders could not be cancelled';
    }
    const snapshot = await look();
    if (snapshot === null) return 'the broker does not say what it holds';
    const working = snapshot.orders.filter((order) => order.symbol === symbol);
    if (working.length > 0) return `${working.length} orders still work at the broker; close would not be safe`;
    const held = heldOf(snapshot, symbol);
    // From this line to the broker nothing waits: what was read is what is closed, and never more.
    if (held !== 0 && isCurrent() && flattening.underway(symbol).length === 0) await flattening.close(symbol, held);
    return null;
  };

  /** What is still held, in words, and how many orders still work; null when the venue cannot say. */
  const verifyFlat = async (): Promise<{ readonly open: readonly string[]; readonly orders: number } | null> => {
    let seen: { readonly open: readonly string[]; readonly orders: number } | null = null;
    for (let n = 0; n < FLAT_TWICE; n += 1) {
      if (n > 0) await sleep(clock, LOOK_MS);
      const snapshot = await look();
      if (snapshot === null) return null;
      const open = snapshot.positions
        .filter((p) => p.quantity !== 0)
        .map((p) => `${p.symbol}: ${p.quantity} still held`);
      seen = { open, orders: snapshot.orders.length };
      if (open.length > 0) return seen;
    }
    return seen;
  };
  const alarm = (): void => {
    const { unknown, remaining } = parts.state();
    notices.raise({
      id: 'kill',
      level: 'error',
      title: 'The account is not known to be flat',
      detail: [...unknown, ...remaining].join('; ') || parts.state().detail,
      remedy: 'Call the broker and close what is open; then compare broker and journal again.',
    });
  };

  return {
    alarm,
    run: async () => {
      const { snapshot, why } = await reconciler.snapshot();
      if (snapshot === null) {
        write({ step: 'flatten-incomplete', openPositions: null, openOrders: null, unknown: [why] });
        alarm();
        return;
      }
      const symbols = snapshot.positions.filter((p) => p.quantity !== 0).map((p) => p.symbol);
      // Market by market at once: one that cannot be closed must not keep the others open.
      const failures = await Promise.all(
        symbols.map(async (symbol) => {
          const failure = await closeSymbol(symbol);
          return failure === null ? [] : [`${symbol}: ${failure}`];
        }),
      );
      const seen = await verifyFlat();
      const open = seen?.open ?? null;
      const openOrders = seen?.orders ?? null;
      const isFlat = open !== null && open.length === 0;
      const told = failures.flat();
      if (isFlat) {
        write({
          step: 'flat',
          openPositions: 0,
          openOrders,
          unknown: [],
          remaining: [],
          detail: 'Seen flat twice, one second apart',
        });
        notices.clear('kill');
      } else {
        const unknown = open === null ? ['the broker does not say what it holds'] : [];
        const remaining = [...new Set([...(open ?? []), ...told])];
        write({
          step: 'flatten-incomplete',
          openPositions: open?.length ?? null,
          openOrders,
          unknown,
          remaining,
          detail: 'Not flat',
        });
        alarm();
      }
      await reconciler.run('asked');
    },
  };
}
