import { partnerIn } from './members.ts';
import type { Member, Relations } from './members.ts';
import { roundedOff, wholeSum } from './numerics.ts';

/** Heat and the largest correlated exposure (null without a correlated pair) as shares of equity. */
export type BookState = { readonly heat: number; readonly cluster: number | null };

/** A book as it is measured: members in the order in which sums are taken, and what makes partners of them. */
export type Book = { readonly members: readonly Member[]; readonly relations: Relations };

/**
 * ρ⁺ of the pairs of members that are partners, each pair once: those of member i with members after it, by rising
 * place, stand before `ends[i]` and from where those of the member before end. Most pairs are none, and a book is
 * measured more often than its ties are found.
 */
type Ties = { readonly ends: Int32Array; readonly places: Int32Array; readonly values: Float64Array };

/** Of each member: its number and side, its running sum as `neumaierSum` has it, and how many partners it has. */
type Running = {
  readonly numbers: Int32Array;
  readonly sides: Float64Array;
  readonly sums: Float64Array;
  readonly lost: Float64Array;
  readonly partners: Int32Array;
};

/**
 * The ties of the book measured last, and room for the next: a decision measures its book twice, and arrays of this kind
 * cost more to make than to fill.
 */
let tied: Book | null = null;
let ties = roomForTies(0, 0);
let running = roomFor(0);

function roomForTies(members: number, pairs: number): Ties {
  return { ends: new Int32Array(members), places: new Int32Array(pairs), values: new Float64Array(pairs) };
}

function roomFor(members: number): Running {
  return {
    numbers: new Int32Array(members),
    sides: new Float64Array(members),
    sums: new Float64Array(members),
    lost: new Float64Array(members),
    partners: new Int32Array(members),
  };
}

/** Makes room for so many pairs, and keeps those that are there. */
function makeRoom(members: number, pairs: number): void {
  if (members <= ties.ends.length && pairs <= ties.places.length) return;
  const larger = roomForTies(2 * members, 2 * pairs);
  larger.ends.set(ties.ends.subarray(0, members));
  larger.places.set(ties.places);
  larger.values.set(ties.values);
  ties = larger;
}

/** Finds the partners among members; every pair is asked for once. */
function findTies(book: Book): void {
  if (tied === book) return;
  const size = book.members.length;
  if (size > running.sums.length) running = roomFor(2 * size);
  // Written over from here on: should a pair be refused, they are nobody's.
  tied = null;
  const { numbers, sides } = running;
  for (let i = 0; i < size; i++) {
    numbers[i] = book.members[i]?.number ?? 0;
    sides[i] = book.members[i]?.direction ?? NaN;
  }
  let pairs = 0;
  for (let i = 0; i < size; i++) {
    makeRoom(size, pairs + size);
    pairs = noteTies(book, i, pairs);
    ties.ends[i] = pairs;
  }
  tied = book;
}

/**
 * Notes the partners of member i among those after it; returns how many pairs there are now. Nothing is called on the
 * way, so that what is read again and again stays at hand: a row with a pair that is not kept is gone over again.
 */
function noteTies(book: Book, i: number, from: number): number {
  const { places, values } = ties;
  const { numbers, sides } = running;
  const { known, least } = book.relations;
  const { stated, stride } = known;
  const size = book.members.length;
  const row = (numbers[i] ?? 0) * stride;
  const side = sides[i] ?? NaN;
  let pairs = from;
  let areKept = true;
  for (let j = i + 1; j < size; j++) {
    const signed = (stated[row + (numbers[j] ?? 0)] ?? NaN) * side * (sides[j] ?? NaN);
    if (signed >= least) {
      places[pairs] = j;
      values[pairs] = signed;
      pairs += 1;
    } else if (Number.isNaN(signed)) areKept = false;
  }
  return areKept ? pairs : askForTies(book, i, from);
}

/** As `noteTies`, asking for each pair. */
function askForTies({ members, relations }: Book, i: number, from: number): number {
  const { places, values } = ties;
  const a = members[i];
  let pairs = from;
  for (let j = i + 1; j < members.length; j++) {
    const b = members[j];
    const value = a === undefined || b === undefined ? 0 : partnerIn(relations, a, b);
    if (!(value > 0)) continue;
    places[pairs] = j;
    values[pairs] = value;
    pairs += 1;
  }
  return pairs;
}

/** Adds what a partner has in common with a member; one without risk is no partner. */
function add({ sums, lost, partners }: Running, member: number, term: number): void {
  if (!(term > 0)) return;
  const sum = sums[member] ?? NaN;
  const next = sum + term;
  lost[member] = (lost[member] ?? NaN) + roundedOff(sum, term, next);
  sums[member] = next;
  partners[member] = (partners[member] ?? 0) + 1;
}

/** Whole risk of the member that has most of it with its partners; null when none with risk has any. */
function largestCluster(shares: Float64Array, book: Book): number | null {
  const size = book.members.length;
  findTies(book);
  const { ends, places, values } = ties;
  for (let i = 0; i < size; i++) {
    running.sums[i] = shares[i] ?? NaN;
    running.lost[i] = 0;
    running.partners[i] = 0;
  }
  // Members before its own add to a member's sum before those after it: each sum is taken in the order of members.
  for (let i = 0, pair = 0; i < size; i++) {
    for (const end = ends[i] ?? 0; pair < end; pair++) {
      const j = places[pair] ?? 0;
      const value = values[pair] ?? NaN;
      add(running, i, value * (shares[j] ?? NaN));
      add(running, j, value * (shares[i] ?? NaN));
    }
  }
  return largestOf(running, shares, size);
}

function largestOf({ sums, lost, partners }: Running, shares: Float64Array, size: number): number | null {
  let largest: number | null = null;
  for (let i = 0; i < size; i++) {
    if (shares[i] === 0 || partners[i] === 0) continue;
    const whole = wholeSum(sums[i] ?? NaN, lost[i] ?? NaN);
    if (largest === null || whole > largest) largest = whole;
  }
  return largest;
}

/**
 * Measures a book as `correlatedExposure` does (the same sums in the same order, so the same bits), without the matrix
 * that one takes and what a decision does not read of it.
 * @param shares of equity at risk by member; what stands behind them is not read
 * Throws a RangeError on a risk that is no number: a size must never be made of it.
 * @source quant.md 5.2
 */
export function measureBook(shares: Float64Array, book: Book): BookState {
  let heat = 0;
  let lost = 0;
  for (let i = 0; i < book.members.length; i++) {
    const share = shares[i] ?? NaN;
    if (!(share >= 0 && share < Infinity)) throw new RangeError(`exposure refused: risk ${share}`);
    const next = heat + share;
    lost += roundedOff(heat, share, next);
    heat = next;
  }
  return { heat: wholeSum(heat, lost), cluster: largestCluster(shares, book) };
}
