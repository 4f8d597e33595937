import type { Fill, Order, OrderEvent, OrderTerms } from '#shared/domain/order.ts';
import type { Connection } from '#shared/domain/status.ts';
import type { EpochMs, Money } from '#shared/units.ts';

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

export type BrokerEvent =
  | { readonly kind: 'order'; readonly clientOrderId: string; readonly event: OrderEvent; readonly at: EpochMs }
  | { readonly kind: 'fill'; readonly fill: Fill };

/** A contract in the venue's own words; a figure it leaves out is null. */
export type VenueDefinition = { readonly tickSize: number | null; readonly tickValueUsd: number | null };

/** What the broker says it holds. An incomplete answer is never read as "nothing". */
export type BrokerSnapshot = {
  readonly isComplete: boolean;
  readonly orders: readonly {
    readonly clientOrderId: string;
    readonly venueOrderId: string;
    readonly quantity: number;
    readonly filled: number;
  }[];
  readonly fills: readonly Fill[];
  readonly positions: readonly { readonly symbol: string; readonly quantity: number }[];
};

/** A venue that executes orders. Outcomes of single calls come back at once; everything later comes as an event. */
export interface Broker {
  readonly venue: string;
  readonly account: string;
  /** Connects and logs on. Events begin only after this resolves. */
  connect(signal: AbortSignal): Promise<void>;
  snapshot(signal: AbortSignal): Promise<BrokerSnapshot>;
  submit(group: OrderGroup): Promise<SubmitOutcome>;
  cancel(order: Order): Promise<CancelOutcome>;
  find(clientOrderId: string): Promise<'working' | 'done' | 'absent' | 'cannot-tell'>;
  /** What the venue says a contract is; null when it does not say. */
  definition(symbol: string): VenueDefinition | null;
  /** Initial margin per contract; null when the venue does not say. */
  initialMargin(symbol: string): Money | null;
  onEvent(listener: (event: BrokerEvent) => void): () => void;
  connection(): Connection;
  onConnection(listener: (connection: Connection) => void): () => void;
  close(): Promise<void>;
}
