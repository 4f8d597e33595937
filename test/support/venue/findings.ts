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

const reserved = (orders: readonly AuditedOrder[], symbol: string): number =>
  orders
    .filter((o) => o.terms.symbol === symbol && o.terms.role === 'entry' && o.attempts > 0)
    .reduce((sum, o) => sum + leftOf(o) * (o.plannedRisk ?? 0), 0);

const usd = (money: number): string => (money / 10_000).toFixed(0);

/** Risk of the trade and of the account at the moment an entry leaves, worked out from the journal alone. */
export function riskFindings(world: World, desk: RigDesk, symbol: string): readonly string[] {
  const { sizing } = desk;
  const { book } = desk.assembly;
  const openPnl = book.positions().reduce((sum, p) => {
    const last = book.quote(p.symbol)?.last;
    return sum + (last === undefined ? 0 : (last - p.averagePrice) * p.quantity * specOf(p.symbol).tickValue);
  }, 0);
  // Open profit is not spent before it is realised.
  const base = equityOf(world, desk) - Math.max(0, openPnl);
  const riskOf = (of: string): number => riskAtStops(world, desk, of) + reserved(world.auditor.orders(), of);
  const total = SYMBOLS.reduce((sum, one) => sum + riskOf(one), 0);
  const slack = 1 + 1e-9;
  const over = (what: string, risk: number, share: number): readonly string[] =>
    risk <= share * base * slack ? [] : [`${what}: ${usd(risk)} of ${usd(base)} at risk, allowed ${share}`];
  return [...over('trade', riskOf(symbol), sizing.maxRiskPerTrade), ...over('heat', total, sizing.maxHeat)];
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
  for (const order of assembly.book.orders()) {
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
