import type { Fill, FillCorrection } from '#shared/domain/order.ts';
import { epochMs } from '#shared/units.ts';
import { decimalOf, unitsOf } from './decimal.ts';
import { type Entry, isSaid, isSame, type Values, valuesOf } from './execution-entry.ts';
import type { Amendment, AmendHow, Executions, ExecutionsParts, Source, Told } from './execution-words.ts';
import type { Listed } from './listing.ts';
import type { RememberedFill } from './remembered.ts';
import { directionOf } from './venue-orders.ts';

/** Something listed and an execution it may be: how far apart in ms, and whether it is told as it was first. */
type Pair = { readonly told: Told; readonly entry: Entry; readonly ms: number; readonly isAsFirst: boolean };
type Word = Pick<Amendment, 'venueOrderId' | 'kind' | 'quantity' | 'price'> & { readonly by: Set<Source> };

/** A decimal in one spelling. */
const textOf = (decimal: string | null): string | null => {
  const units = decimal === null ? null : unitsOf(decimal);
  return units === null ? null : decimalOf(units);
};
/** Prices of means are rounded; more than this, in USD a share, is another price. */
const MEAN_TOLERANCE = 0.002;
/** Lists may be late: what was heard within this time is not missed in them. */
const LATE_MS = 60_000;
/** What was executed so long after an execution that was busted is another one, which came to the same count. */
const isLater = (at: number, { values, first }: Entry): boolean => values === null && at - first.at > LATE_MS;
/** Executions that were told as made so near each other, in ms, may be one. */
const NEAR_MS = 1_000;
/**
 * Makes the executions of one account. The stream and the list give the same execution different ids; both say what
 * the order had filled with it, so order and count are the key. @source protocols.md 3.2 and 6.5
 */
export function createExecutions({ account, listing, ownerOf, now, remembered }: ExecutionsParts): Executions {
  const byOrder = new Map<string, Entry[]>();
  const byId = new Map<string, Entry>();
  const amended = new Set<string>();
  /** Later words that were placed by their values, and not by a name. */
  const words: Word[] = [];
  const entriesOf = (venueOrderId: string): Entry[] => byOrder.get(venueOrderId) ?? [];
  const sumOf = (venueOrderId: string): number =>
    entriesOf(venueOrderId).reduce((sum, { values }) => sum + (values?.quantity ?? 0), 0);
  const add = (entry: Entry): Entry => {
    byOrder.set(entry.venueOrderId, [...entriesOf(entry.venueOrderId), entry]);
    return entry;
  };
  const restore = ({ first, standing, past }: RememberedFill): void => {
    const [venueOrderId = '', filledWith = ''] = first.execKey.split('|');
    const { execKey, symbol, receivedAt } = first;
    add({
      ...{ execKey, venueOrderId, symbol, filledWith, first: valuesOf(first), receivedAt, named: new Set() },
      ...{ values: standing === null ? null : valuesOf(standing), cost: null, past: [...past] },
      ...{ amendedBy: null, isBustListed: false, correction: null },
    });
  };
  for (const one of remembered.fills) restore(one);

  /** Activities are called by their time and an id, which may be that of the execution. */
  const name = (entry: Entry, id: string | null, source: Source): void => {
    if (id === null) return;
    entry.named.add(source);
    byId.set(id, entry);
    const [, inner] = id.split('::');
    if (inner !== undefined && !byId.has(inner)) byId.set(inner, entry);
  };
  const named = (id: string | null, venueOrderId: string): Entry | undefined => {
    const entry = id === null ? undefined : byId.get(id);
    return entry?.venueOrderId === venueOrderId ? entry : undefined;
  };
  const isAmended = (venueOrderId: string): boolean =>
    entriesOf(venueOrderId).some(({ first, values }) => !isSame(first, values));

  /**
   * The execution that is told: by its id, else by the count. After a bust an order comes to the same count a second
   * time, by another execution.
   */
  const known = (told: Told, source: Source, read: { count: string; values: Values; whole: number }) => {
    const { venueOrderId, id } = told;
    const byName = named(id, venueOrderId);
    if (byName !== undefined) return byName;
    const alike = entriesOf(venueOrderId).filter(
      (entry) => entry.filledWith === read.count && !isLater(told.at, entry),
    );
    const isRoom = isAmended(venueOrderId) && sumOf(venueOrderId) + read.values.quantity <= read.whole;
    const free = alike.filter((entry) => !entry.named.has(source));
    const standing = free.find(({ values }) => values !== null);
    if (source === 'stream' && isRoom) return standing === undefined ? undefined : 'doubtful';
    const listed = free.find((entry) => isSaid(entry, read.values)) ?? standing;
    // Under another name in the same list it is another one.
    if (isRoom || (source === 'list' && free.length === 0)) return listed;
    return listed ?? alike.findLast(({ values }) => values !== null) ?? alike.at(-1);
  };
  /** The documents call the price of an update the mean of the order: where the two differ, it is checked. */
  const fitsMean = ({ venueOrderId, quantity, price, filledWith, mean }: Told): boolean => {
    const [size, cum, average] = [Number(quantity), Number(filledWith), Number(mean ?? Number.NaN)];
    const before = isAmended(venueOrderId) ? [] : entriesOf(venueOrderId).map(({ cost }) => cost);
    if (cum <= size || mean === null || before.length === 0) return true;
    let cost = size * Number(price);
    for (const one of before) {
      if (one === null) return true;
      cost += one;
    }
    return Math.abs(cost - average * cum) <= MEAN_TOLERANCE * cum;
  };
  const correct = (entry: Entry, values: Values | null, by: { source: Source; reason: string }): FillCorrection => {
    const { source, reason } = by;
    entry.past.push(entry.values);
    Object.assign(entry, { values, amendedBy: source });
    const version = Math.max(remembered.versionOf(entry.execKey), entry.correction?.version ?? 0) + 1;
    entry.correction = { venue: 'alpaca', account, execKey: entry.execKey, version, corrected: values, reason };
    return entry.correction;
  };
  const freeKey = (venueOrderId: string, count: string): string => {
    const used = new Set(entriesOf(venueOrderId).map(({ execKey }) => execKey));
    let key = `${venueOrderId}|${count}`;
    for (let n = 2; used.has(key); n += 1) key = `${venueOrderId}|${count}|${n}`;
    return key;
  };
  const fillOf = ({ execKey, venueOrderId, symbol }: Entry, values: Values): Fill => ({
    ...{ execKey, venue: 'alpaca', account, clientOrderId: ownerOf(venueOrderId), symbol },
    ...values,
    receivedAt: now(),
  });
  const valuesIn = (listed: Listed, said: Told): { values: Values; contracts: number; whole: number } | null => {
    const [quantity, filledWith] = [unitsOf(said.quantity), unitsOf(said.filledWith)];
    if (quantity === null || filledWith === null || quantity <= 0n || filledWith < quantity) return null;
    const upTo = (units: bigint): number | null =>
      listed.isCrypto ? listed.wholeContractsOf(decimalOf(units)) : listed.contractsOf(decimalOf(units));
    const [after, before] = [upTo(filledWith), upTo(filledWith - quantity)];
    if (after === null || before === null) return null;
    const direction = directionOf(said);
    const booked = listed.booked(said.price, { direction, contracts: after - before });
    // Clocks differ: an execution was not made after it was told of.
    const at = epochMs(Math.min(said.at, now()));
    if (booked === null) return null;
    return {
      ...{ values: { direction, quantity: after - before, ...booked, at }, contracts: after - before },
      whole: after,
    };
  };

  const take: Executions['take'] = (told, source) => {
    const listed = listing.ofVenue(told.symbol);
    if (listed === null) return { kind: 'none' };
    const read = valuesIn(listed, told);
    if (read === null) {
      const said = `${told.quantity} ${told.symbol} at ${told.price} (${told.filledWith} in all)`;
      return {
        kind: 'impossible',
        why: `Alpaca tells an execution of ${said}, which is no whole number of contracts of ${listed.symbol}`,
      };
    }
    if (read.contracts === 0) return { kind: 'none' };
    const count = decimalOf(unitsOf(told.filledWith) ?? 0n);
    const found = known(told, source, { count, values: read.values, whole: read.whole });
    if (found === 'doubtful' || (found === undefined && source === 'stream' && !fitsMean(told)))
      return { kind: 'doubtful' };
    if (found === undefined) {
      const { venueOrderId } = told;
      const entry = add({
        ...{ execKey: freeKey(venueOrderId, count), venueOrderId, symbol: listed.symbol, filledWith: count },
        ...{ first: read.values, values: read.values, receivedAt: now(), named: new Set() },
        ...{
          cost: Number(told.quantity) * Number(told.price),
          past: [],
          amendedBy: null,
          isBustListed: false,
          correction: null,
        },
      });
      name(entry, told.id, source);
      return { kind: 'fill', fill: fillOf(entry, read.values), isNews: true, correction: null };
    }
    name(found, told.id, source);
    // The list tells an execution as it was, or as it is now.
    const isOther = source === 'list' && !isSaid(found, read.values);
    const by = { source, reason: 'Alpaca lists the execution with other values' };
    const correction = isOther ? correct(found, { ...read.values, at: found.first.at }, by) : null;
    if (found.values === null) return { kind: 'busted', execKey: found.execKey, values: read.values };
    return { kind: 'fill', fill: fillOf(found, found.values), isNews: false, correction };
  };

  /** The executions something listed may be. */
  const candidates = (told: Told): readonly Pair[] => {
    const listed = listing.ofVenue(told.symbol);
    const read = listed === null ? null : valuesIn(listed, told);
    if (read === null || named(told.id, told.venueOrderId) !== undefined) return [];
    const count = decimalOf(unitsOf(told.filledWith) ?? 0n);
    return entriesOf(told.venueOrderId).flatMap((entry) => {
      const { filledWith, first, named: by } = entry;
      if (filledWith !== count || by.has('list') || isLater(told.at, entry)) return [];
      const isAsFirst = isSame(first, { ...read.values, fee: first.fee });
      const ms = Math.abs(read.values.at - first.at);
      return isAsFirst || ms <= NEAR_MS ? [{ told, entry, ms, isAsFirst }] : [];
    });
  };
  /**
   * Executions of one order and count where the list has all of them, or all that stand: they are told in the order they
   * were made in. By how near their times are, noise of some ms between stream and list could swap two of them.
   */
  const nameInOrder = (pairs: readonly Pair[]): void => {
    const told = [...new Set(pairs.map((pair) => pair.told))].sort((a, b) => a.at - b.at);
    const entries = [...new Set(pairs.map((pair) => pair.entry))];
    const standing = entries.filter(({ values }) => values !== null);
    const row = [entries, standing].find(({ length }) => length === told.length);
    if (row === undefined || entries.length === 1) return;
    const zipped = told.map((one, i) => pairs.find((pair) => pair.told === one && pair.entry === row[i]));
    if (zipped.includes(undefined)) return;
    for (const pair of zipped) if (pair !== undefined) name(pair.entry, pair.told.id, 'list');
  };
  const recognise: Executions['recognise'] = (all) => {
    const pairs = all.flatMap(candidates);
    const countOf = ({ entry }: Pair): string => `${entry.venueOrderId}|${entry.filledWith}`;
    for (const count of new Set(pairs.map(countOf))) nameInOrder(pairs.filter((pair) => countOf(pair) === count));
    const rivals = new Map<Entry, number>();
    for (const { entry } of pairs) rivals.set(entry, (rivals.get(entry) ?? 0) + 1);
    // Of executions that came to one count, prices may change places: when each was made tells them apart.
    pairs.sort((a, b) => a.ms - b.ms || Number(b.isAsFirst) - Number(a.isAsFirst));
    const done = new Set<Told>();
    for (const { told, entry, isAsFirst } of pairs) {
      if (entry.named.has('list') || done.has(told) || named(told.id, told.venueOrderId) !== undefined) continue;
      // What stands alone with other values is judged as a correction, or as another one.
      if (!isAsFirst && rivals.get(entry) === 1) continue;
      done.add(told);
      name(entry, told.id, 'list');
    }
  };
  /**
   * The execution a later word is about: by its id; without one, or where nobody else can say, any of those that are
   * all alike: it is the money that counts.
   */
  const placeOf = (amendment: Amendment, listed: Listed, { source, unlisted }: AmendHow): Entry | null => {
    const { previousId, venueOrderId, kind, quantity, price } = amendment;
    const byName = named(previousId, venueOrderId);
    if (byName !== undefined) return byName;
    if (source === 'stream' && previousId !== null && unlisted === undefined) return null;
    const all = entriesOf(venueOrderId).filter(({ values }) => values !== null);
    const gone = all.filter(({ execKey }) => unlisted?.(execKey) === true);
    for (const standing of [gone, all]) {
      const [one] = standing;
      if (one !== undefined && standing.every(({ values }) => isSame(values, one.values)))
        return standing.at(-1) ?? null;
      if (kind === 'correct' || quantity === null || price === null) continue;
      const contracts = listed.contractsOf(quantity) ?? 0;
      const booked = listed.booked(price, { direction: directionOf(amendment), contracts });
      const fits = standing.findLast(({ values }) => values?.quantity === contracts && values.price === booked?.price);
      if (fits !== undefined) return fits;
    }
    return null;
  };
  /** The same word by the other way, which calls it by another id: it was taken already. */
  const isToldBefore = (amendment: Amendment, { source }: AmendHow): boolean => {
    const { venueOrderId, kind, quantity, price } = amendment;
    const before = words.find(
      (one) =>
        one.venueOrderId === venueOrderId &&
        one.kind === kind &&
        one.quantity === textOf(quantity) &&
        one.price === textOf(price) &&
        !one.by.has(source),
    );
    before?.by.add(source);
    return before !== undefined;
  };
  const amendedValues = ({ quantity, price, ...of }: Amendment, entry: Entry, listed: Listed): Values | null => {
    const contracts = quantity === null ? (entry.values ?? entry.first).quantity : listed.contractsOf(quantity);
    if (contracts === null || contracts <= 0 || price === null) return null;
    const direction = directionOf(of);
    const booked = listed.booked(price, { direction, contracts });
    return booked === null ? null : { direction, quantity: contracts, ...booked, at: entry.first.at };
  };

  return {
    ...{ sumOf, take, recognise },
    isAmended,
    isKnown: (venueOrderId) => entriesOf(venueOrderId).length > 0,
    wordsOn: (venueOrderId) => entriesOf(venueOrderId).reduce((sum, { past }) => sum + past.length, 0),
    amend: (amendment, how) => {
      const { id, kind, symbol, reason, venueOrderId } = amendment;
      const { source } = how;
      const listed = listing.ofVenue(symbol);
      if (listed === null || (id !== null && amended.has(`${source} ${id}`))) return { kind: 'none' };
      const entry = placeOf(amendment, listed, how);
      const isNamed = named(amendment.previousId, venueOrderId) !== undefined;
      // A list tells what was executed before it tells what became of that, and tells it once.
      if (entry === null && source === 'list') amended.add(`list ${id ?? ''}`);
      if (entry === null)
        return {
          kind: source === 'list' && kind === 'bust' && entriesOf(venueOrderId).length === 0 ? 'none' : 'unclear',
        };
      if (kind === 'bust' && source === 'list' && isNamed) entry.isBustListed = true;
      const values = kind === 'bust' ? null : amendedValues(amendment, entry, listed);
      if (kind === 'correct' && values === null) return { kind: 'unclear' };
      if (id !== null) {
        amended.add(`${source} ${id}`);
        // A correction may be corrected again, under the id it came with.
        if (!byId.has(id)) byId.set(id, entry);
      }
      if (isToldBefore(amendment, how)) return { kind: 'none' };
      const isBehind = source === 'list' && entry.amendedBy !== 'list' && isSaid(entry, values);
      if (isBehind || isSame(entry.values, values)) return { kind: 'none' };
      const { quantity, price } = amendment;
      if (!isNamed)
        words.push({ venueOrderId, kind, quantity: textOf(quantity), price: textOf(price), by: new Set([source]) });
      const word = kind === 'bust' ? 'Alpaca has busted the execution' : 'Alpaca has corrected the execution';
      const by = { source, reason: reason === null ? word : `${word}: ${reason}` };
      return { kind: 'correction', correction: correct(entry, values, by) };
    },
    unplaced: ({ venueOrderId, previousId, kind }) => ({
      ...{ venue: 'alpaca', account, version: 1, corrected: null },
      execKey: `${venueOrderId}|${previousId ?? 'an execution Alpaca does not name'}`,
      reason: `Alpaca has ${kind === 'bust' ? 'busted' : 'corrected'} an execution of the order and does not say which`,
    }),
    settle: ({ venueOrderId, filled }, { listed, since }) => {
      const off = sumOf(venueOrderId) - filled;
      const missing = entriesOf(venueOrderId).filter(
        ({ execKey, values, receivedAt }) =>
          values !== null && !listed.has(execKey) && values.at > since && now() - receivedAt >= LATE_MS,
      );
      const gone = missing.reduce((sum, { values }) => sum + (values?.quantity ?? 0), 0);
      if (off <= 0 || gone !== off) return [];
      const by = { source: 'list' as const, reason: 'Alpaca lists the execution no longer' };
      return missing.map((entry) => correct(entry, null, by));
    },
    putBack: ({ venueOrderId, filled }, told) => {
      const back = entriesOf(venueOrderId).flatMap((entry) => {
        const values = entry.values === null && !entry.isBustListed ? told.get(entry.execKey) : undefined;
        return values === undefined ? [] : [{ entry, values }];
      });
      if (back.reduce((sum, { values }) => sum + values.quantity, 0) !== filled - sumOf(venueOrderId)) return [];
      const by = { source: 'list' as const, reason: 'Alpaca counts what it lists as filled, after a bust' };
      return back.map(({ entry, values }) => ({
        correction: correct(entry, { ...values, at: entry.first.at }, by),
        fill: fillOf(entry, { ...values, at: entry.first.at }),
      }));
    },
    corrections: () => [...byOrder.values()].flat().flatMap(({ correction }) => correction ?? []),
  };
}
