import type { Fill, FillCorrection, Order, OrderEvent, OrderTerms, OrderType } from '#shared/domain/order.ts';
import type { Connection } from '#shared/domain/status.ts';
import type { EpochMs, Money, Ticks } from '#shared/units.ts';

/** An entry with its protective children, or one order alone (`stop` and `target` null). */
export type OrderGroup = {
  readonly entry: OrderTerms;
  readonly stop: OrderTerms | null;
  readonly target: OrderTerms | null;
};

/** `unknown`: we cannot tell whether the broker has it. Never send again; ask. */
export type SubmitOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly why: string };

export type CancelOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** An order as the venue states it. `clientOrderId` is null when it is not one of ours. */
export type VenueOrder = {
  readonly clientOrderId: string | null;
  readonly venueOrderId: string;
  readonly symbol: string;
  readonly direction: 1 | -1;
  readonly type: OrderType;
  readonly price: Ticks | null;
  readonly quantity: number;
  /** The venue's count. It is compared with the fills, never booked. */
  readonly filled: number;
  /** Mean price in ticks of what is filled, where the venue says it. */
  readonly averagePrice?: number | null;
  readonly state: 'working' | 'filled' | 'canceled' | 'expired' | 'rejected';
  readonly reason: string | null;
};

/** What the venue answers about one order. Only `absent` under the venue's own terms proves that it never arrived. */
export type FindAnswer =
  | { readonly kind: 'found'; readonly order: VenueOrder; readonly fills: readonly Fill[] }
  | { readonly kind: 'absent' }
  | { readonly kind: 'cannot-tell'; readonly why: string };

/** What a venue can do, and how it is asked. */
export type BrokerCapabilities = {
  /** `emulated`: stop and target are sent by this desk after the entry fills, and die with this computer. */
  readonly brackets: 'native' | 'emulated';
  readonly replace: boolean;
  /**
   * When an order that cannot be found never arrived: after `looks` answers of `absent`, each `apartMs` after the one
   * before, the first at least `apartMs` after sending. Null: the venue cannot prove it, and the trader must say.
   */
  readonly absence: { readonly looks: number; readonly apartMs: number } | null;
};

export type BrokerEvent =
  | { readonly kind: 'order'; readonly clientOrderId: string; readonly event: OrderEvent; readonly at: EpochMs }
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'fill-correction'; readonly correction: FillCorrection }
  /** An order that this desk did not send. */
  | { readonly kind: 'external-order'; readonly order: VenueOrder };

/** A contract in the venue's own words; a figure it leaves out is null. */
export type VenueDefinition = { readonly tickSize: number | null; readonly tickValueUsd: number | null };

/** What the broker says it holds. An incomplete answer is never read as "nothing". */
export type BrokerSnapshot = {
  readonly isComplete: boolean;
  readonly at: EpochMs;
  /** Open orders, ours and others'. */
  readonly orders: readonly VenueOrder[];
  /** Orders that ended since `since`, as far as the venue tells. */
  readonly completed: readonly VenueOrder[];
  /** Executions since `since`. */
  readonly fills: readonly Fill[];
  /** Later words on executions that `fills` tells as they stand now; left out where the venue corrects none. */
  readonly corrections?: readonly FillCorrection[];
  readonly positions: readonly {
    readonly symbol: string;
    /** Signed: > 0 long. */
    readonly quantity: number;
    /** Mean price in ticks; null when the venue does not say. */
    readonly averagePrice: number | null;
  }[];
};

/** What the broker says the account is worth, at a time; a figure it leaves out is null. */
export type BrokerBalance = { readonly equity: Money | null; readonly cash: Money | null; readonly at: EpochMs };

/** One reading of the venue's own clock. */
export type VenueTime = {
  /** What it showed, */
  readonly at: EpochMs;
  /** when this desk's `Clock.monotonic` showed this; */
  readonly monotonicMs: number;
  /** and by how much that may be off, either way: half the time there and back, and the steps it is told in. */
  readonly withinMs: number;
};

/** A venue that executes orders. Outcomes of single calls come back at once; everything later comes as an event. */
export interface Broker {
  readonly venue: string;
  readonly account: string;
  readonly capabilities: BrokerCapabilities;
  /** Connects and logs on. Events begin only after this resolves. */
  connect(signal: AbortSignal): Promise<void>;
  /** What the venue holds; ended orders and fills from `since` on. */
  snapshot(since: EpochMs, signal: AbortSignal): Promise<BrokerSnapshot>;
  submit(group: OrderGroup): Promise<SubmitOutcome>;
  cancel(order: Order): Promise<CancelOutcome>;
  /** Changes quantity and price of a working order. */
  replace(order: Order, terms: { readonly quantity: number; readonly price: Ticks | null }): Promise<CancelOutcome>;
  /** Cancels an order this desk did not send. */
  cancelExternal(venueOrderId: string): Promise<CancelOutcome>;
  find(clientOrderId: string): Promise<FindAnswer>;
  /** What the venue says a contract is; null when it does not say. */
  definition(symbol: string): VenueDefinition | null;
  /** Initial margin per contract; null when the venue does not say. */
  initialMargin(symbol: string): Money | null;
  /** The account's balance as last told; null, or left out, where the venue tells none. Compared, never adopted. */
  balance?(): BrokerBalance | null;
  /**
   * The last good reading of the venue's clock; null before there is one. Left out where the venue never says what time
   * it has. `createVenueTimes` keeps it for an adapter.
   */
  venueTime?(): VenueTime | null;
  onEvent(listener: (event: BrokerEvent) => void): () => void;
  connection(): Connection;
  onConnection(listener: (connection: Connection) => void): () => void;
  close(): Promise<void>;
}
