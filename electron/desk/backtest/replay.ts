import type { Rival, SizingSnapshot } from '#shared/domain/sizing.ts';
import { money } from '#shared/units.ts';
import { statedMargin } from '#desk/engine/capital.ts';
import { COMPARISON_TOLERANCE } from '#desk/engine/numerics.ts';
import { resize, type Resized } from '#desk/engine/resize.ts';
import { ORDER_RATE_WINDOW_MS } from '#desk/engine/risk-rules.ts';
import { createAccount, type Account } from './account.ts';
import { createBreakerBook, type BreakerBook } from './breaker-book.ts';
import type { Holding } from './holding.ts';
import { createSampleWindows } from './sample-windows.ts';
import type { PolicyRule, RuleSources } from './sizing-rules.ts';
import type { Case, Tape } from './tape.ts';
import { createDailyVolatility } from './volatility.ts';
import { CODE_OF, emptyWalk, type Walk } from './walk.ts';

export type ReplaySettings = {
  readonly rule: (sources: RuleSources) => PolicyRule;
  /**
   * The policy that was live: as long as it took what the trader took, its account is the journal's, and decisions are
   * sized on the recorded one.
   */
  readonly isLive: boolean;
  /** Called after so many cases; may throw to stop. */
  readonly onProgress?: (cases: number) => void;
};

const PROGRESS_EVERY = 500;

type Walking = {
  readonly tape: Tape;
  readonly account: Account;
  readonly breakers: BreakerBook;
  readonly rule: PolicyRule;
  readonly walk: { -readonly [K in keyof Walk]: Walk[K] };
  readonly entries: number[];
  /** Cases on which the trader's word is still to come, oldest first, and when the first of those words comes. */
  undecided: number[];
  nextWordAt: number;
  /** The smallest margin of the markets met so far: with less equity nothing can be held. ∞ while none is stated. */
  marginFloor: number;
  isInStep: boolean;
};

/** What one moment's decisions share: the account as it stands, valued at the prices known by then. */
type Moment = {
  readonly at: number;
  readonly equity: number;
  readonly exposures: SizingSnapshot['exposures'];
  readonly readings: ReturnType<BreakerBook['readings']>;
  readonly entriesLastMinute: number;
};

function momentAt({ account, breakers, entries }: Walking, at: number): Moment {
  const realised = account.realised() - account.openFees(at);
  const openPnl = account.openPnl(at);
  const equity = realised + Math.min(0, openPnl);
  while (entries.length > 0 && at - (entries[0] ?? 0) >= ORDER_RATE_WINDOW_MS) entries.shift();
  const readings = breakers.readings(realised + openPnl);
  return { at, equity, exposures: account.exposures(at), readings, entriesLastMinute: entries.length };
}

/** The recorded snapshot with this policy's own account in the place of the trader's. */
function snapshotFor(item: Case, moment: Moment, walking: Walking, rivals: readonly Rival[]): SizingSnapshot {
  const { snapshot } = item;
  const { readings } = moment;
  const held = walking.account.held(snapshot.instrument.symbol, moment.at);
  const { guards } = snapshot;
  const isGuarded = guards !== undefined || readings.rearmed.length > 0;
  return {
    ...snapshot,
    equity: money(moment.equity),
    exposures: moment.exposures,
    rivals: [...rivals],
    watch: { ...snapshot.watch, dayLoss: readings.dayLoss, drawdown: readings.drawdown },
    ...(snapshot.held === undefined ? {} : { held }),
    ...(isGuarded
      ? {
          guards: {
            latches: (guards?.latches ?? []).filter(({ code }) => code === 'drift'),
            rearmed: [...readings.rearmed],
            consecutiveLosses: guards === undefined ? 0 : readings.consecutiveLosses,
            maxConsecutiveLosses: guards?.maxConsecutiveLosses ?? Number.MAX_SAFE_INTEGER,
            entriesLastMinute: moment.entriesLastMinute,
            maxOrdersPerMinute: guards?.maxOrdersPerMinute ?? Number.MAX_SAFE_INTEGER,
          },
        }
      : {}),
  };
}

const ZERO: Resized = {
  status: 'no-equity',
  contracts: 0,
  asked: 0,
  fraction: null,
  riskFraction: 0,
  heat: 0,
  cluster: null,
};

const rivalOf = ({ snapshot, direction, riskPerContract }: Case, contracts: number): Rival => ({
  symbol: snapshot.instrument.symbol,
  root: snapshot.instrument.root,
  direction,
  contracts,
  riskPerContract,
  marginPerContract: snapshot.instrument.initialMargin,
});

/** Sizes the cases of one moment: each alone first, then all that want something for one budget (quant.md 5.4). */
function sizeBatch(walking: Walking, batch: readonly Case[], moment: Moment): readonly Resized[] {
  const { rule, isInStep } = walking;
  const size = (item: Case, rivals: readonly Rival[]): Resized => {
    if (item.gate !== null) return { ...ZERO, status: item.gate };
    const snapshot = isInStep ? item.snapshot : snapshotFor(item, moment, walking, rivals);
    return resize(snapshot, item.direction, rule(item));
  };
  const alone = batch.map((item) => size(item, []));
  // The recorded snapshot has the rivals the desk itself weighed.
  if (isInStep || batch.length === 1) return alone;
  const asking = batch.map((item, i) => rivalOf(item, alone[i]?.contracts ?? 0));
  return alone.map((sized, i) => {
    const item = batch[i];
    if (item === undefined || sized.contracts === 0) return sized;
    const { symbol } = item.snapshot.instrument;
    const rivals = asking.filter((rival) => rival.contracts > 0 && rival.symbol !== symbol);
    return rivals.length === 0 ? sized : size(item, rivals);
  });
}

function noteRuin(walking: Walking, batch: readonly Case[], { at, equity }: Moment): void {
  const { walk } = walking;
  for (const { snapshot } of batch) {
    const margin = statedMargin(snapshot.instrument.initialMargin);
    if (margin !== null) walking.marginFloor = Math.min(walking.marginFloor, margin);
  }
  if (walk.ruin !== null) return;
  if (equity <= 0) walk.ruin = { at, reason: 'no-equity' };
  else if (Number.isFinite(walking.marginFloor) && equity < walking.marginFloor) {
    walk.ruin = { at, reason: 'below-margin' };
  }
}

/** Takes the trader's words that came before `at`; returns whether one of them was another than the policy's. */
function takesWords(walking: Walking, at: number): boolean {
  if (walking.nextWordAt >= at) return false;
  const { tape, walk } = walking;
  const waiting: number[] = [];
  let isOtherwise = false;
  walking.nextWordAt = Infinity;
  for (const index of walking.undecided) {
    const { closedAt, executed } = tape.cases[index] ?? { closedAt: Infinity, executed: undefined };
    if (closedAt < at) isOtherwise ||= walk.contracts[index] !== executed;
    else {
      waiting.push(index);
      walking.nextWordAt = Math.min(walking.nextWordAt, closedAt);
    }
  }
  walking.undecided = waiting;
  return isOtherwise;
}

/** Leaves the trader's account as soon as it is known that the trader did otherwise. */
function compareWithTrader(walking: Walking, at: number): void {
  const { tape, walk } = walking;
  if (!walking.isInStep) return;
  if (at < tape.foreignAt && !takesWords(walking, at)) return;
  walking.isInStep = false;
  walk.leftAt = at;
}

/** Waits for the trader's word on a case: one that never came is not waited for. */
function awaitWord(walking: Walking, index: number): void {
  const closedAt = walking.tape.cases[index]?.closedAt ?? Infinity;
  if (closedAt === Infinity) return;
  walking.undecided.push(index);
  walking.nextWordAt = Math.min(walking.nextWordAt, closedAt);
}

function write(walking: Walking, index: number, { sized, moment }: { sized: Resized; moment: Moment }): void {
  const { walk, account, entries } = walking;
  walk.status[index] = CODE_OF.get(sized.status) ?? 0;
  walk.asked[index] = sized.asked;
  walk.contracts[index] = sized.contracts;
  walk.equity[index] = moment.equity;
  walk.riskFraction[index] = sized.riskFraction;
  if (sized.fraction !== null) walk.fraction[index] = sized.fraction;
  if (sized.contracts > 0) {
    walk.maxHeat = Math.max(walk.maxHeat, sized.heat);
    walk.maxCluster = Math.max(walk.maxCluster, sized.cluster ?? 0);
    account.take(index, sized.contracts);
    entries.push(moment.at);
  }
  if (walking.isInStep) awaitWord(walking, index);
}

function decideBatch(walking: Walking, first: number, count: number): void {
  const { tape, account, walk } = walking;
  const batch = tape.cases.slice(first, first + count);
  const at = batch[0]?.at ?? 0;
  account.advance(at);
  compareWithTrader(walking, at);
  const moment = momentAt(walking, at);
  noteRuin(walking, batch, moment);
  const sized = walk.ruin === null ? sizeBatch(walking, batch, moment) : batch.map(() => ZERO);
  sized.forEach((one, i) => write(walking, first + i, { sized: one, moment }));
}

/** Open profit at the prices known strictly before `end`, less the fees that are paid already on what is open. */
const openNetAt = (account: Account, end: number): number => account.openPnl(end, end - 1) - account.openFees(end);

/** Books up to the end of each day that ended before `at`, and notes what the account was worth there. */
function closeDays({ tape, account, walk, breakers }: Walking, from: number, at: number): number {
  const { opensAt } = tape.days;
  let day = from;
  while (day + 1 < opensAt.length && (opensAt[day + 1] ?? Infinity) <= at) {
    const end = opensAt[day + 1] ?? 0;
    account.advance(end);
    const equity = account.realised() + openNetAt(account, end);
    walk.closes[day] = equity;
    breakers.openDay(equity);
    day += 1;
  }
  return day;
}

function isScratch({ item, filled, net }: Holding): boolean {
  const { scratchR } = item.snapshot.config.sample;
  return Math.abs(net) <= scratchR * filled * item.riskPerContract + COMPARISON_TOLERANCE;
}

/**
 * Walks one policy over a tape without look-ahead: a decision sees trades that closed strictly before it, prices known
 * by then, and the policy's own account (realised, open losses, its own open book in heat, clusters and margin). Cases
 * of one moment share one account and one budget. Once ruined a policy takes nothing more.
 * @source quant.md 8.1
 */
export function replayPolicy(tape: Tape, settings: ReplaySettings): Walk {
  const walk: Walking['walk'] = emptyWalk(tape);
  const breakers = createBreakerBook(tape.initialEquity);
  const onClosed = (holding: Holding, exitAt: number): void => {
    walk.net[holding.index] = holding.net;
    walk.exitAt[holding.index] = exitAt;
    walk.filled[holding.index] = holding.filled;
    if (holding.filled > 0 && !isScratch(holding)) breakers.noteTrade(holding.net);
  };
  const account = createAccount(tape, { onClosed });
  const sources = { windows: createSampleWindows(tape), volatility: createDailyVolatility(tape) };
  const walking: Walking = {
    ...{ tape, account, breakers, rule: settings.rule(sources), walk },
    ...{ entries: [], undecided: [], nextWordAt: Infinity, marginFloor: Infinity, isInStep: settings.isLive },
  };
  const { cases } = tape;
  let day = 0;
  for (let first = 0; first < cases.length;) {
    const at = cases[first]?.at ?? 0;
    let next = first + 1;
    while (next < cases.length && cases[next]?.at === at) next += 1;
    day = closeDays(walking, day, at);
    decideBatch(walking, first, next - first);
    if (Math.floor(next / PROGRESS_EVERY) > Math.floor(first / PROGRESS_EVERY)) settings.onProgress?.(next);
    first = next;
  }
  return finish(walking, day);
}

function finish(walking: Walking, day: number): Walk {
  const { tape, account, walk } = walking;
  const last = closeDays(walking, day, Infinity);
  account.advance(tape.endAt);
  compareWithTrader(walking, tape.endAt);
  walk.openPnl = openNetAt(account, tape.endAt);
  walk.finalEquity = account.realised();
  if (tape.days.opensAt.length > 0) walk.closes[last] = walk.finalEquity + walk.openPnl;
  for (const { index, filled } of account.holdings()) walk.filled[index] = filled;
  return walk;
}
