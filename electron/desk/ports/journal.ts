import type { Bar, Timeframe } from '#shared/domain/market.ts';
import type { Fill, Order, Trade } from '#shared/domain/order.ts';
import type { Decision, DecisionStatus } from '#shared/domain/decision.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import type { Annotation, Attachment, Subject } from '#shared/domain/annotation.ts';
import type {
  CalendarDay,
  DecisionQuery,
  Labels,
  SearchHit,
  TradeOrigin,
  TradeQuery,
  TradeRow,
  TradeSort,
  TradeSummary,
} from '#shared/contract/journal-views.ts';
import type { EpochMs, Money, Ticks } from '#shared/units.ts';
import type { JournalEvent, JournalEventKind, JournalEventOf, StoredEvent } from './events.ts';

/**
 * When events are on disk. `now`: before the append returns. `soon`: committed when it returns, so that every reader
 * has them and the end of the process takes nothing away; a loss of power may take those of the last milliseconds,
 * unless something was appended `now` after them.
 */
export type Durability = 'now' | 'soon';

export type NewEvent = { readonly at: EpochMs; readonly event: JournalEvent };

/** Accounts read from files begin with this: they never mix with the account the desk trades. */
export const IMPORTED = 'imported:';

/** Trades by their exit, newest first unless `order` says otherwise. Own trades only, unless `origin` says otherwise. */
export type TradeFilter = {
  readonly origin?: TradeOrigin;
  readonly symbol?: string;
  readonly roots?: readonly string[];
  readonly exitFrom?: EpochMs;
  /** Strictly before. */
  readonly exitBefore?: EpochMs;
  readonly limit?: number;
  readonly offset?: number;
  readonly order?: 'newest' | 'oldest';
};

export type BarFilter = {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** The newest this many that close at or before `until`; returned oldest first. */
  readonly limit: number;
  readonly until?: EpochMs;
};

/** A part of an open position that one fill opened; `fee` is the money already paid for this quantity. */
export type OpenLot = {
  readonly quantity: number;
  readonly price: Ticks;
  readonly at: EpochMs;
  readonly fee: Money;
  readonly recommendationId: string | null;
  readonly plannedRiskPerContract: Money | null;
};

/** One model's answer at a decision; null where it could not be read. */
export type OpinionOf = {
  readonly direction: -1 | 0 | 1 | null;
  readonly confidence: number | null;
  readonly latencyMs: number | null;
};

/** A decision without its snapshot: small enough to go through a long journal. */
export type OpinionRow = {
  readonly seq: number;
  readonly at: EpochMs;
  readonly recommendationId: string;
  readonly status: DecisionStatus;
  readonly contracts: number;
  readonly lstm: OpinionOf;
  readonly ensemble: OpinionOf;
};

/** A decision that came to a size: what was proposed, and what a contract of it costs. */
export type ProposalRow = {
  readonly at: EpochMs;
  readonly recommendationId: string;
  readonly symbol: string;
  readonly direction: 1 | -1;
  readonly contracts: number;
  /** Planned entry. */
  readonly entry: Ticks;
  readonly riskPerContract: Money;
  readonly tickValue: Money;
  readonly roundTurnFee: Money;
};

/** Recomputes a decision from its recorded snapshot; the journal compares it bit for bit with the recorded one. */
export type Recompute = (snapshot: SizingSnapshot) => Decision;

export type VerifyFinding = { readonly seq: number | null; readonly check: string; readonly detail: string };
export type VerifyReport = {
  readonly isSound: boolean;
  readonly events: number;
  readonly decisions: number;
  readonly fills: number;
  readonly trades: number;
  readonly headHash: string | null;
  /** Every check that was run, in words. */
  readonly checks: readonly string[];
  /** First bad row first; empty when sound. */
  readonly findings: readonly VerifyFinding[];
};

/**
 * The trader's memory: one SQLite file, one writer. All methods are synchronous but `batch` and `backup`.
 * `append` returns only after the events are on disk (synchronous=FULL): what it returned survives a power cut. What
 * nobody acts on before something else is appended may be appended `soon`: a proposal is shown before the disk has it,
 * and its approval is on disk with it before an order leaves.
 */
export interface Journal {
  readonly path: string;
  /**
   * Appends events in one transaction and updates what is derived from them. Drops fills already known (same key) and
   * corrections already known (the same in every word).
   */
  append(events: readonly NewEvent[], durability?: Durability): readonly StoredEvent[];
  /** Runs `work` inside one transaction, for warm-up and replay. All of it is kept, or, if it rejects, nothing. */
  batch<T>(work: () => Promise<T>): Promise<T>;
  lastSeq(): number;
  headHash(): string | null;
  /** Stored events of the given kinds with `seq > after` and `seq <= until`, oldest first. */
  events<K extends JournalEventKind>(filter: {
    readonly kinds: readonly K[];
    readonly after?: number;
    readonly until?: number;
    readonly limit?: number;
  }): Iterable<StoredEvent<JournalEventOf<K>>>;
  /** Newest decisions first, each with the last `recommendation` event of the same id (null while open). */
  decisions(page: { readonly limit: number; readonly offset: number }): readonly {
    readonly decision: StoredEvent<JournalEventOf<'decision'>>;
    readonly status: StoredEvent<JournalEventOf<'recommendation'>> | null;
  }[];
  /** Of such a page of all decisions, those whose planned trade has no outcome. */
  decisionsUnresolved(page: {
    readonly limit: number;
    readonly offset: number;
  }): readonly StoredEvent<JournalEventOf<'decision'>>[];
  decisionCount(): number;
  /** The symbol of one decision; null when there is none under the id. */
  decisionSymbol(recommendationId: string): string | null;
  /** What the models said at each decision with `seq > after` and what became of it at once, oldest first. */
  opinions(page: { readonly after: number; readonly limit: number }): readonly OpinionRow[];
  /** Decisions that came to a size, without their snapshots, oldest first. */
  proposals(): readonly ProposalRow[];
  decision(recommendationId: string): {
    readonly decision: StoredEvent<JournalEventOf<'decision'>>;
    readonly status: StoredEvent<JournalEventOf<'recommendation'>> | null;
  } | null;
  /** Orders as a fold over their events. */
  orders(filter: { readonly openOnly?: boolean; readonly limit?: number }): readonly Order[];
  order(clientOrderId: string): Order | null;
  hasFill(venue: string, account: string, execKey: string): boolean;
  /** A fill as it was first journaled, corrections not applied; null when the key is unknown. */
  fill(venue: string, account: string, execKey: string): Fill | null;
  /** A fill as it counts now, corrections applied; null when the key is unknown or it was busted. */
  standingFill(venue: string, account: string, execKey: string): Fill | null;
  /** The executions of one order that count now, corrections applied, oldest first. */
  fillsOf(clientOrderId: string): readonly Fill[];
  /** Executions with their corrections applied (busted ones are left out). Own accounts unless `origin` says otherwise. */
  fills(filter: { readonly symbol?: string; readonly from?: EpochMs; readonly origin?: TradeOrigin }): readonly Fill[];
  /** Signed open quantity and the opening fills of it (FIFO), per symbol with an open position; own accounts only. */
  openLots(symbol?: string): readonly {
    readonly account: string;
    readonly symbol: string;
    readonly direction: 1 | -1;
    readonly lots: readonly OpenLot[];
  }[];
  trades(filter: TradeFilter): readonly Trade[];
  /**
   * Says since which exit closed trades may be others than at the revision `since`; null: none is. A number that was never
   * given, such as 0, asks for all.
   */
  tradeChanges(since: number): { readonly revision: number; readonly from: EpochMs | null };
  tradeCount(filter: TradeFilter): number;
  hasTrade(id: string): boolean;
  /** One page of trades with what the trader wrote on them and how far they went against and for them. */
  tradePage(page: {
    readonly filter: TradeQuery;
    readonly sort: TradeSort;
    readonly limit: number;
    readonly offset: number;
  }): { readonly total: number; readonly trades: readonly TradeRow[] };
  tradeSummary(filter: TradeQuery): {
    readonly all: TradeSummary;
    readonly bySymbol: readonly { readonly root: string; readonly summary: TradeSummary }[];
  };
  calendar(filter: TradeQuery): readonly CalendarDay[];
  decisionPage(page: { readonly filter: DecisionQuery; readonly limit: number; readonly offset: number }): {
    readonly total: number;
    readonly rows: readonly {
      readonly decision: StoredEvent<JournalEventOf<'decision'>>;
      readonly status: StoredEvent<JournalEventOf<'recommendation'>> | null;
    }[];
  };
  /** The newest annotation of a trade or recommendation; null when nothing was written. */
  annotation(subject: Subject): Annotation | null;
  labels(): Labels;
  /** Full-text search over annotations and the trader's reasons, best match first. */
  search(text: string, limit: number): readonly SearchHit[];
  attachment(sha256: string): Attachment | null;
  /** Accounts with fills, own and imported. */
  accounts(): readonly string[];
  /** Sum of net P&L of all closed trades of own accounts. */
  netOfTrades(): Money;
  /** Market data is not part of the chain. Bars already stored are left as they are. */
  appendBars(bars: readonly Bar[]): void;
  bars(filter: BarFilter): readonly Bar[];
  /**
   * @param files the pictures found beside the journal, where they can be looked at: each that is recorded must be
   * among them, whole
   */
  verify(recompute: Recompute, files?: readonly Pick<Attachment, 'sha256' | 'size'>[]): VerifyReport;
  backup(target: string, onProgress?: (done: number, total: number) => void): Promise<void>;
  close(): void;
}
