import { partnerIn } from './members.ts';
import type { Member, Relations } from './members.ts';
import { roundedOff, wholeSum } from './numerics.ts';

/** Heat and the largest correlated exposure (null without a correlated pair) as shares of equity. */
export type BookState = { readonly heat: number; readonly cluster: number | null };

/** A book as it is measured: members in the order in which sums are taken, and what makes partners of them. */
export type Book = { readonly members: readonly Member[]; readonly relations: Relations };

/** A book with one more member, which stands at its place and moves those from there on by one. */
export type Joined = { readonly book: Book; readonly member: Member; readonly place: number };

/**
 * ρ⁺ of the pairs of members that are partners, each pair once: those of member i with members after it, by rising
 * place, stand before `ends[i]` and from where those of the member before end. Most pairs are none, and a book is
 * measured more often than its ties are found.
 */
type Ties = { readonly ends: Int32Array; readonly places: Int32Array; readonly values: Float64Array };

/**
 * Of each member: its number and side, ρ⁺ with one that joins, its running sum as `neumaierSum` has it, and how many
 * partners it has.
 */
type Running = {
  readonly numbers: Int32Array;
  readonly sides: Float64Array;
  readonly joining: Float64Array;
  readonly sums: Float64Array;
  readonly lost: Float64Array;
  readonly partners: Int32Array;
};

/**
 * The ties of the book measured last, with and without the one that joined it, and room for the next: decisions that
 * look at one book measure it again and again, each joining it, and arrays of this kind cost more to make than to fill.
 */
let tied: Book | null = null;
let ties = roomForTies(0, 0);
let joined: Joined | null = null;
let joinedTies = roomForTies(0, 0);
let running = roomFor(0);

function roomForTies(members: number, pairs: number): Ties {
  return { ends: new Int32Array(members), places: new Int32Array(pairs), values: new Float64Array(pairs) };
}

function roomFor(members: number): Running {
  return {
    numbers: new Int32Array(members),
    sides: new Float64Array(members),
    joining: new Float64Array(members),
    sums: new Float64Array(members),
    lost: new Float64Array(members),
    partners: new Int32Array(members),
  };
}

/** Room for so many members and pairs, with those that are there. */
function grown(before: Ties, members: number, pairs: number): Ties {
  if (members <= before.ends.length && pairs <= before.places.length) return before;
  const larger = roomForTies(2 * members, 2 * pairs);
  larger.ends.set(before.ends);
  larger.places.set(before.places);
  larger.values.set(before.values);
  return larger;
}

/** Finds the partners among members; every pair is asked for once. */
function findTies(book: Book): void {
  if (tied === book) return;
  const size = book.members.length;
  // One more may join.
  if (size >= running.sums.length) running = roomFor(2 * size + 1);
  // Written over from here on: should a pair be refused, they are nobody's.
  tied = null;
  const { numbers, sides } = running;
  for (let i = 0; i < size; i++) {
    numbers[i] = book.members[i]?.number ?? 0;
    sides[i] = book.members[i]?.direction ?? NaN;
  }
  let pairs = 0;
  for (let i = 0; i < size; i++) {
    ties = grown(ties, size, pairs + size);
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

/** Asks for the partners of one that joins. */
function askForJoining({ book, member }: Joined): void {
  const { members, relations } = book;
  const { known, least } = relations;
  const row = member.number * known.stride;
  for (let j = 0; j < members.length; j++) {
    const other = members[j];
    const stated = other === undefined ? NaN : (known.stated[row + other.number] ?? NaN);
    const signed = stated * member.direction * (other?.direction ?? NaN);
    running.joining[j] = signed >= least ? signed : 0;
    if (other !== undefined && Number.isNaN(stated)) running.joining[j] = partnerIn(relations, member, other);
  }
}

/** The ties of a book, which are known, and among them those of one that joins: none is asked for twice. */
function findJoinedTies(whole: Joined): void {
  const { book, place } = whole;
  findTies(book);
  if (joined === whole) return;
  const size = book.members.length;
  // Written over from here on: should a pair be refused, they are nobody's.
  joined = null;
  askForJoining(whole);
  joinedTies = grown(joinedTies, size + 1, (ties.ends[size - 1] ?? 0) + size);
  for (let i = 0, pairs = 0; i < size; i++) {
    if (i === place) pairs = noteJoining(pairs, place, size);
    pairs = i < place ? noteBefore(pairs, i, place) : noteAfter(pairs, i);
  }
  if (place === size) joinedTies.ends[size] = size === 0 ? 0 : (joinedTies.ends[size - 1] ?? 0);
  joined = whole;
}

/** The partners behind one that joins; returns how many pairs there are now, as all of these do. */
function noteJoining(from: number, place: number, size: number): number {
  const { joining } = running;
  let pairs = from;
  for (let j = place; j < size; j++) {
    const value = joining[j] ?? NaN;
    if (!(value > 0)) continue;
    joinedTies.places[pairs] = j + 1;
    joinedTies.values[pairs] = value;
    pairs += 1;
  }
  joinedTies.ends[place] = pairs;
  return pairs;
}

/** The row of a member before the one that joins. */
function noteBefore(from: number, i: number, place: number): number {
  const { ends, places, values } = ties;
  const value = running.joining[i] ?? NaN;
  let pairs = from;
  let isMissing = value > 0;
  const end = ends[i] ?? 0;
  for (let pair = i === 0 ? 0 : (ends[i - 1] ?? 0); pair < end; pair++) {
    const j = places[pair] ?? 0;
    if (isMissing && j >= place) {
      joinedTies.places[pairs] = place;
      joinedTies.values[pairs] = value;
      pairs += 1;
      isMissing = false;
    }
    joinedTies.places[pairs] = j < place ? j : j + 1;
    joinedTies.values[pairs] = values[pair] ?? NaN;
    pairs += 1;
  }
  if (isMissing) {
    joinedTies.places[pairs] = place;
    joinedTies.values[pairs] = value;
    pairs += 1;
  }
  joinedTies.ends[i] = pairs;
  return pairs;
}

/** The row of a member behind the one that joins. */
function noteAfter(from: number, i: number): number {
  const { ends, places, values } = ties;
  const end = ends[i] ?? 0;
  let pairs = from;
  for (let pair = i === 0 ? 0 : (ends[i - 1] ?? 0); pair < end; pair++) {
    joinedTies.places[pairs] = (places[pair] ?? 0) + 1;
    joinedTies.values[pairs] = values[pair] ?? NaN;
    pairs += 1;
  }
  joinedTies.ends[i + 1] = pairs;
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
function largestCluster(shares: Float64Array, size: number, { ends, places, values }: Ties): number | null {
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

/** Throws a RangeError on a risk that is no number: a size must never be made of it. */
function heatOf(shares: Float64Array, size: number): number {
  let heat = 0;
  let lost = 0;
  for (let i = 0; i < size; i++) {
    const share = shares[i] ?? NaN;
    if (!(share >= 0 && share < Infinity)) throw new RangeError(`exposure refused: risk ${share}`);
    const next = heat + share;
    lost += roundedOff(heat, share, next);
    heat = next;
  }
  return wholeSum(heat, lost);
}

/**
 * Measures a book as `correlatedExposure` does (the same sums in the same order, so the same bits), without the matrix
 * that one takes and what a decision does not read of it.
 * @param shares of equity at risk by member; what stands behind them is not read
 * Throws a RangeError on a risk or a correlation that is no number.
 * @source quant.md 5.2
 */
export function measureBook(shares: Float64Array, book: Book): BookState {
  const size = book.members.length;
  const heat = heatOf(shares, size);
  findTies(book);
  return { heat, cluster: largestCluster(shares, size, ties) };
}

/**
 * As `measureBook` measures the book that has the one that joins it among its members.
 * @param shares by member, that of the one that joins at its place
 */
export function measureJoined(shares: Float64Array, whole: Joined): BookState {
  const size = whole.book.members.length + 1;
  const heat = heatOf(shares, size);
  findJoinedTies(whole);
  return { heat, cluster: largestCluster(shares, size, joinedTies) };
}
