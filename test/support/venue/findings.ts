import type { AuditedOrder } from './auditor.ts';
import type { RigDesk } from './desk.ts';
import { INSTRUMENTS, SYMBOLS, type World } from './world.ts';

const specOf = (symbol: string) => {
  const found = INSTRUMENTS.get(symbol);
  if (found === undefined) throw new Error(`no instrument ${symbol}`);
  return found;
};
const leftOf = (order: AuditedOrder): number => (order.hasEnded ? 0 : Math.max(0, order.quantity - order.filled));

/** Price the desk marks a symbol with; where it has none yet, what the position cost. */
function markOf({ assembly: { book } }: RigDesk, symbol: string): number {
  const position = book.positions().find((p) => p.symbol === symbol);
  return book.quote(symbol)?.last ?? position?.averagePrice ?? 0;
}

/** Equity by another road than the desk's: money paid and brought in, and what is held at its price. */
function equityOf({ auditor }: World, desk: RigDesk): number {
  const start = [...desk.journal.events({ kinds: ['opened'] })][0]?.event.initialEquity ?? 0;
  const held = SYMBOLS.map((symbol) => auditor.position(symbol) * markOf(desk, symbol) * specOf(symbol).tickValue);
  return start + auditor.cash((symbol) => specOf(symbol).tickValue) + held.reduce((sum, value) => sum + value, 0);
}

/** What a position loses at its stops; 0 where they do not cover it: then others speak. */
function riskAtStops({ auditor }: World, desk: RigDesk, symbol: string): number {
  const held = auditor.position(symbol);
  const { slippageTicks, tickValue, roundTurnFee } = specOf(symbol);
  const stops = auditor
    .orders()
    .filter((o) => o.terms.symbol === symbol && o.terms.role === 'stop' && o.terms.direction * held < 0)
    .filter((o) => o.attempts > 0 && !o.isInDoubt && leftOf(o) > 0)
    .map((o) => {
      const entry = o.terms.parentId === null ? undefined : auditor.order(o.terms.parentId);
      const contracts = entry !== undefined && leftOf(entry) > 0 ? Math.min(leftOf(o), entry.filled) : leftOf(o);
      const distance = Math.max(0, Math.ceil((markOf(desk, symbol) - (o.price ?? 0)) * Math.sign(held)));
      return { contracts, loss: (distance + slippageTicks) * tickValue + roundTurnFee };
    })
    .sort((a, b) => b.loss - a.loss);
  let left = Math.abs(held);
  let risk = 0;
  for (const { contracts, loss } of stops) {
    const taken = Math.min(left, contracts);
    risk += taken * loss;
    left -= taken;
  }
  return left > 0 ? 0 : risk;
}

/** Entries of a symbol that have left and may still fill. */
const openEntries = (orders: readonly AuditedOrder[], symbol: string): readonly AuditedOrder[] =>
  orders.filter((o) => o.terms.symbol === symbol && o.terms.role === 'entry' && o.attempts > 0);
/** What a contract of an entry loses at its stop: as planned, or more where one of the two was moved since. */
function lossOf(entry: AuditedOrder, orders: readonly AuditedOrder[]): number {
  const { symbol, clientOrderId, direction } = entry.terms;
  const { slippageTicks, tickValue, roundTurnFee } = specOf(symbol);
  const stops = orders.filter((o) => o.terms.parentId === clientOrderId && o.terms.role === 'stop' && !o.hasEnded);
  const losses = stops.map((o) => {
    if (entry.price === null || o.price === null) return 0;
    return (Math.max(0, (entry.price - o.price) * direction) + slippageTicks) * tickValue + roundTurnFee;
  });
  return Math.max(entry.plannedRisk ?? 0, ...losses);
}
const reserved = (entries: readonly AuditedOrder[], orders: readonly AuditedOrder[]): number =>
  entries.reduce((sum, o) => sum + leftOf(o) * lossOf(o, orders), 0);

/** What is held and on its way in a market on one side. */
type Side = { readonly symbol: string; readonly direction: 1 | -1; readonly risk: number };

const sidesOf = (world: World, desk: RigDesk): readonly Side[] =>
  SYMBOLS.flatMap((symbol) =>
    ([1, -1] as const).map((direction) => {
      const held = world.auditor.position(symbol) * direction > 0 ? riskAtStops(world, desk, symbol) : 0;
      const orders = world.auditor.orders();
      const entries = openEntries(orders, symbol).filter((o) => o.terms.direction === direction);
      return { symbol, direction, risk: held + reserved(entries, orders) };
    }),
  );

/**
 * The largest correlated exposure in which a symbol's open side counts: its own, and that of each partner. Two of the
 * markets here go together by 0.2, as any two of which nothing is known and that are of different groups.
 * @source quant.md 5.2 and 5.3
 */
function clusterWith(sides: readonly Side[], own: Side, rhoMin: number): number | null {
  const rho = (a: Side, b: Side): number => (a.symbol === b.symbol ? 1 : 0.2) * a.direction * b.direction;
  const partners = (of: Side): readonly Side[] =>
    sides.filter((other) => other !== of && other.risk > 0 && rho(of, other) >= rhoMin - 1e-9);
  const weigh = (of: Side): number =>
    of.risk + partners(of).reduce((sum, other) => sum + rho(of, other) * other.risk, 0);
  const around = partners(own);
  return around.length === 0 ? null : Math.max(weigh(own), ...around.map(weigh));
}

/** Initial margin of a contract, as the paper venue's list has it. In USD. */
const MARGIN_USD: Readonly<Record<string, number>> = { NQ: 32_000, GC: 18_000 };

/** Margin of everything held and on its way, in 1e-4 USD. */
const marginOf = ({ auditor }: World): number =>
  SYMBOLS.reduce((sum, symbol) => {
    const usd = MARGIN_USD[specOf(symbol).root] ?? NaN;
    const open = openEntries(auditor.orders(), symbol).reduce((contracts, o) => contracts + leftOf(o), 0);
    return sum + usd * 10_000 * (Math.abs(auditor.position(symbol)) + open);
  }, 0);

const usd = (money: number): string => (money / 10_000).toFixed(0);

/** Risk of the trade and of the account at the moment an entry leaves, worked out from the journal alone. */
export function riskFindings(world: World, desk: RigDesk, of: Pick<Side, 'symbol' | 'direction'>): readonly string[] {
  const { symbol, direction } = of;
  const sizing = world.limits;
  const { book } = desk.assembly;
  const openPnl = book.positions().reduce((sum, p) => {
    const last = book.quote(p.symbol)?.last;
    return sum + (last === undefined ? 0 : (last - p.averagePrice) * p.quantity * specOf(p.symbol).tickValue);
  }, 0);
  // Open profit is not spent before it is realised.
  const base = equityOf(world, desk) - Math.max(0, openPnl);
  const sides = sidesOf(world, desk);
  const riskOf = (of: readonly Side[]): number => of.reduce((sum, { risk }) => sum + risk, 0);
  const own = sides.find((side) => side.symbol === symbol && side.direction === direction);
  const cluster = own === undefined ? null : clusterWith(sides, own, sizing.rhoMin);
  const slack = 1 + 1e-9;
  const over = (what: string, risk: number, share: number): readonly string[] =>
    risk <= share * base * slack ? [] : [`${what}: ${usd(risk)} of ${usd(base)}, allowed ${share}`];
  const margin = marginOf(world);
  if (margin > 0.8 * sizing.maxMarginShare * base) world.note('margin near its limit');
  if ((cluster ?? 0) > 0.8 * sizing.maxCluster * base) world.note('correlated exposure near its limit');
  return [
    ...over('risk of the trade', riskOf(sides.filter((side) => side.symbol === symbol)), sizing.maxRiskPerTrade),
    ...over('heat', riskOf(sides), sizing.maxHeat),
    ...(cluster === null ? [] : over('correlated exposure', cluster, sizing.maxCluster)),
    ...over('margin', margin, sizing.maxMarginShare),
  ];
}

/** Everything that tells the trader that something is wrong, in words. */
const alarmsOf = ({ desk: { assembly, notices } }: World): readonly string[] => {
  const { locks, reconciliation } = assembly.execution.view();
  return [
    ...notices.all().map((notice) => `${notice.title} ${notice.detail}`),
    ...locks.map((lock) => lock.reason),
    // What the trader has set aside is still on the list.
    ...reconciliation.differences.map((difference) => difference.symbol),
  ];
};

function always(world: World): readonly string[] {
  const { desk, rig, auditor, shared } = world;
  const { assembly, sizing } = desk;
  const found: string[] = [...rig.exchange.audit()];
  const arrived = new Set<string>();
  for (const { group } of rig.arrivals()) {
    for (const terms of [group.entry, group.stop, group.target]) {
      if (terms === null) continue;
      const id = terms.clientOrderId;
      if (arrived.has(id)) found.push(`${id} reached the venue a second time`);
      arrived.add(id);
      const audited = auditor.order(id);
      if (audited === undefined || audited.attempts === 0) found.push(`${id} reached the venue and has no attempt`);
      else if (terms.quantity > audited.terms.quantity) found.push(`${id} reached the venue with ${terms.quantity}`);
    }
  }
  for (const symbol of SYMBOLS) {
    const held = assembly.book.positions().find((position) => position.symbol === symbol)?.quantity ?? 0;
    if (held !== auditor.position(symbol))
      found.push(`${symbol}: the desk shows ${held}, its fills come to ${auditor.position(symbol)}`);
    const own = world.atVenue(symbol);
    if (!shared.has(symbol) && Math.abs(own) > sizing.maxContracts) found.push(`${symbol}: ${own} held at the venue`);
  }
  const [shown, counted] = [assembly.book.account().equity, equityOf(world, desk)];
  const isMarked = assembly.book.positions().every((p) => assembly.book.quote(p.symbol) !== null);
  if (isMarked && Math.abs(shown - counted) > 0.5)
    found.push(`the desk shows an equity of ${shown}, its fills come to ${counted}`);
  return found;
}

/** What must be true when the line has been good for a while: known, or told. */
function afterCalm(world: World): readonly string[] {
  const { desk, rig, auditor } = world;
  const { assembly, journal, end } = desk;
  const alarms = alarmsOf(world);
  const isTold = (symbol: string): boolean => alarms.some((alarm) => alarm.includes(symbol));
  const found: string[] = [];
  const { state } = end.broker.connection();
  if (state !== 'live') found.push(`the line has been good for three minutes, and the broker is ${state}`);
  for (const fill of rig.exchange.executions()) {
    const { venue, account, execKey, symbol, quantity } = fill;
    if (!journal.hasFill(venue, account, execKey)) found.push(`${symbol}: execution ${execKey} of ${quantity} is lost`);
  }
  const working = world.workingAtVenue();
  for (const order of assembly.book.orders()) {
    const isWorkingHere = order.life !== 'created' && order.certainty.kind === 'known';
    if (isWorkingHere && !working.has(order.clientOrderId) && !isTold(order.symbol))
      found.push(`${order.clientOrderId} (${order.role}) is ${order.life} here and ended at the venue`);
    if (order.certainty.kind === 'in-doubt' && !isTold(order.symbol))
      found.push(`${order.clientOrderId} is in doubt, and nobody was told`);
  }
  for (const symbol of SYMBOLS) {
    const [here, there] = [auditor.position(symbol), world.atVenue(symbol)];
    if (here !== there && !isTold(symbol))
      found.push(`${symbol}: journal ${here}, venue ${there}, and nobody was told`);
    const position = assembly.book.positions().find((held) => held.symbol === symbol);
    const isClosing = assembly.book.workingOrders(symbol).some((order) => order.role === 'flatten');
    if (position !== undefined && position.riskAtStop === null && !isClosing && !isTold(symbol))
      found.push(`${symbol}: ${position.quantity} stand without a stop for all, and nobody was told`);
  }
  return found;
}

/** What must be true when the trader has taken over what was not agreed. */
function afterOrder(world: World): readonly string[] {
  return SYMBOLS.flatMap((symbol) => {
    const [here, there] = [world.auditor.position(symbol), world.atVenue(symbol)];
    return here === there ? [] : [`${symbol}: taken over, and the journal holds ${here}, the venue ${there}`];
  });
}

/** What is checked, by when. Each returns what is wrong, in words. */
export const findings = { always, afterCalm, afterOrder };
