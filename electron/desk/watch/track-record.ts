import type { DecisionStatus } from '#shared/domain/decision.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import type { ScoredSubject, VersionChange } from '#shared/domain/models.ts';
import { epochMs, type EpochMs, type Money } from '#shared/units.ts';
import { cusumStep } from '#desk/engine/drift.ts';
import type { StoredEvent, JournalEventOf } from '#desk/ports/events.ts';
import type { Journal, OpinionOf, OpinionRow } from '#desk/ports/journal.ts';

const PAGE = 512;
const DAY_MS = 86_400_000;
/** Latencies remembered per model: several hours of one question a minute for six markets. */
const LATENCIES = 2_000;

/** A signal whose planned trade was followed to its end, whoever took it. */
export type Resolved = {
  readonly recommendationId: string;
  readonly decidedAt: EpochMs;
  readonly resolvedAt: EpochMs;
  readonly status: DecisionStatus;
  readonly direction: 1 | -1;
  /** What each model said of the direction, and both pooled, before any calibration. */
  readonly lstm: number;
  readonly ensemble: number;
  readonly combined: number;
  /** What the size used; null where the signal was vetoed before it. */
  readonly probability: number | null;
  readonly y: 0 | 1;
  readonly r: number;
  readonly net: Money;
};

/** Pairs of answers of one UTC day: LSTM (long, flat, short) by ensemble. */
export type AgreementDay = {
  readonly day: number;
  readonly matrix: readonly (readonly number[])[];
  readonly unread: number;
};

type Heard = { readonly at: EpochMs; readonly ms: number };

/** How the models did, read out of a journal and kept up with it. */
export interface TrackRecord {
  /** Reads what was journaled since the last call. */
  follow(): void;
  /** In the order they resolved. */
  resolved(): readonly Resolved[];
  agreement(): readonly AgreementDay[];
  statuses(): ReadonlyMap<DecisionStatus, number>;
  latencies(model: ModelId): readonly Heard[];
  /** Of what the size used (pooled), or of what one model said alone. */
  drift(subject?: ScoredSubject): {
    readonly points: readonly { readonly at: EpochMs; readonly value: number }[];
    readonly resets: readonly EpochMs[];
    readonly value: number | null;
  };
  versions(): readonly VersionChange[];
}

type Facts = Pick<Resolved, 'status' | 'direction' | 'lstm' | 'ensemble'>;
type Followed = StoredEvent<JournalEventOf<'outcome' | 'trading-state' | 'breaker-rearmed' | 'model-version'>>;

const ROW: Readonly<Record<'1' | '0' | '-1', number>> = { '1': 0, '0': 1, '-1': 2 };

/** The direction both models share, and what each says of it; null when there is none. */
function factsOf({ status, lstm, ensemble }: OpinionRow): Facts | null {
  const isShared = lstm.direction !== null && lstm.direction !== 0 && lstm.direction === ensemble.direction;
  if (!isShared || lstm.confidence === null || ensemble.confidence === null) return null;
  return { status, direction: lstm.direction === 1 ? 1 : -1, lstm: lstm.confidence, ensemble: ensemble.confidence };
}

/** Counts how often the two said what, by day. */
function createAgreement() {
  const days = new Map<number, { matrix: number[][]; unread: number }>();
  const cellOf = (opinion: OpinionOf): number | null =>
    opinion.direction === null ? null : ROW[`${opinion.direction}`];
  return {
    add: ({ at, lstm, ensemble }: OpinionRow): void => {
      const day = Math.floor(at / DAY_MS);
      const counts = days.get(day) ?? { matrix: [0, 1, 2].map(() => [0, 0, 0]), unread: 0 };
      days.set(day, counts);
      const [row, column] = [cellOf(lstm), cellOf(ensemble)];
      const cells = row === null ? undefined : counts.matrix[row];
      if (cells === undefined || column === null) counts.unread += 1;
      else cells[column] = (cells[column] ?? 0) + 1;
    },
    days: (): readonly AgreementDay[] => [...days].map(([day, counts]) => ({ day, ...counts })),
  };
}

/** The statistic of the breaker, as it was after each outcome. */
function createDrift() {
  const points: { at: EpochMs; value: number }[] = [];
  const resets: EpochMs[] = [];
  let value: number | null = null;
  return {
    add: (at: EpochMs, probability: number, outcome: 0 | 1): void => {
      const step = cusumStep(value ?? 0, { probability, outcome });
      if (!step.ok) return;
      value = step.value;
      points.push({ at, value });
    },
    reset: (at: EpochMs): void => {
      if (value === null || value === 0) return;
      value = 0;
      points.push({ at, value });
      resets.push(at);
    },
    state: () => ({ points, resets, value }),
  };
}

/** Opens a track record on a journal; it is empty until it follows. */
export function createTrackRecord(journal: Pick<Journal, 'events' | 'opinions' | 'lastSeq'>): TrackRecord {
  const open = new Map<string, Facts>();
  const resolved: Resolved[] = [];
  const statuses = new Map<DecisionStatus, number>();
  const latencies: Record<ModelId, Heard[]> = { lstm: [], ensemble: [] };
  const versions: VersionChange[] = [];
  const agreement = createAgreement();
  const drifts = { pooled: createDrift(), lstm: createDrift(), ensemble: createDrift() };
  let decisionSeq = 0;
  let eventSeq = 0;

  const hear = (model: ModelId, { at, [model]: opinion }: OpinionRow): void => {
    const heard = latencies[model];
    if (opinion.latencyMs !== null) heard.push({ at, ms: opinion.latencyMs });
    if (heard.length > 2 * LATENCIES) heard.splice(0, heard.length - LATENCIES);
  };
  const takeDecision = (row: OpinionRow): void => {
    statuses.set(row.status, (statuses.get(row.status) ?? 0) + 1);
    agreement.add(row);
    hear('lstm', row);
    hear('ensemble', row);
    const facts = factsOf(row);
    if (facts !== null) open.set(row.recommendationId, facts);
  };
  const takeOutcome = (event: JournalEventOf<'outcome'>): void => {
    const y = event.netPerContract > 0 ? 1 : 0;
    if (event.probability !== null && event.combined !== null) drifts.pooled.add(event.exitAt, event.probability, y);
    const facts = open.get(event.recommendationId);
    open.delete(event.recommendationId);
    if (facts === undefined || event.combined === null) return;
    const { recommendationId, decidedAt, exitAt, combined, probability, r, netPerContract } = event;
    drifts.lstm.add(exitAt, facts.lstm, y);
    drifts.ensemble.add(exitAt, facts.ensemble, y);
    resolved.push({
      ...{ recommendationId, decidedAt, ...facts, combined, probability, y, r },
      resolvedAt: exitAt,
      net: netPerContract,
    });
  };
  const take = ({ at, event }: Followed): void => {
    if (event.kind === 'outcome') takeOutcome(event);
    else if (event.kind === 'model-version') {
      // A version that was only offered answers nothing yet.
      if (event.state === 'offered') return;
      const { model, version } = event;
      const change = { at: epochMs(at), model, name: version.name, version: version.version };
      versions.push({ ...change, resolved: resolved.length });
    } else if (event.kind === 'breaker-rearmed' ? event.code === 'drift' : event.state === 'active') {
      for (const one of Object.values(drifts)) one.reset(epochMs(at));
    }
  };

  return {
    follow: () => {
      // Events up to here only: the decisions behind them are all read by then.
      const head = journal.lastSeq();
      for (;;) {
        const rows = journal.opinions({ after: decisionSeq, limit: PAGE });
        for (const row of rows) takeDecision(row);
        decisionSeq = rows.at(-1)?.seq ?? decisionSeq;
        if (rows.length < PAGE) break;
      }
      const kinds = ['outcome', 'trading-state', 'breaker-rearmed', 'model-version'] as const;
      for (const stored of journal.events({ kinds, after: eventSeq })) {
        if (stored.seq > head) return;
        take(stored);
        eventSeq = stored.seq;
      }
    },
    resolved: () => resolved,
    agreement: agreement.days,
    statuses: () => statuses,
    latencies: (model) => latencies[model],
    drift: (subject = 'pooled') => drifts[subject].state(),
    versions: () => versions,
  };
}
