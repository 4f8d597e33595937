import type {
  BrokerEvent,
  BrokerSnapshot,
  CancelOutcome,
  FindAnswer,
  OrderGroup,
  SubmitOutcome,
} from '#desk/ports/broker.ts';
import type { EpochMs, Ticks } from '#shared/units.ts';

/** What a broker asks of the exchange. */
export type VenueRequest =
  | { readonly kind: 'logon' }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'submit'; readonly group: OrderGroup }
  | { readonly kind: 'cancel'; readonly clientOrderId: string }
  | {
      readonly kind: 'replace';
      readonly clientOrderId: string;
      readonly quantity: number;
      readonly price: Ticks | null;
    }
  | { readonly kind: 'cancel-external'; readonly venueOrderId: string }
  | { readonly kind: 'find'; readonly clientOrderId: string }
  | { readonly kind: 'snapshot'; readonly since: EpochMs };

/** What the exchange answers, once for each request that reaches it. */
export type VenueAnswer =
  /** To a logon or a heartbeat, with what the exchange's own clock shows. */
  | { readonly kind: 'alive'; readonly at: EpochMs }
  | { readonly kind: 'submitted'; readonly outcome: SubmitOutcome }
  | { readonly kind: 'changed'; readonly outcome: CancelOutcome }
  | { readonly kind: 'looked-up'; readonly answer: FindAnswer }
  | { readonly kind: 'holdings'; readonly snapshot: BrokerSnapshot }
  /** The exchange could not answer, and says so. */
  | { readonly kind: 'failed'; readonly why: string };

/** A request as it travels; `id` counts the requests of one broker. */
export type RequestFrame = { readonly id: number; readonly request: VenueRequest };

/** What travels back: the answer to a request, or an event nobody asked for. */
export type VenueFrame =
  | { readonly kind: 'answer'; readonly to: number; readonly answer: VenueAnswer }
  | { readonly kind: 'event'; readonly event: BrokerEvent };

/** What a broker hears on one wire. After `onDown`, which may come before `open` returns, it hears nothing more. */
export type WireEnds = {
  readonly onFrame: (frame: VenueFrame) => void;
  readonly onDown: (why: string) => void;
};

/** One connection attempt. It is never opened again. */
export interface Wire {
  readonly send: (frame: RequestFrame) => void;
  /** Hangs up. Nothing more is heard, not even that it is down. */
  readonly close: () => void;
}

/** The way from a broker to the exchange. Events begin with the logon that the exchange receives. */
export interface VenueLink {
  readonly open: (ends: WireEnds) => Wire;
}
