/**
 * Writes electron/desk/engine/resample-kernel-code.ts: the WebAssembly that draws resamples of a table and sums its columns
 * over them, a pair at once in the lanes of SIMD. Run `node build/make-resample-kernel.mjs` after a change here; a test holds
 * the file to what this makes.
 *
 * Memory, by byte offsets:
 *   0        four words of the state (i32) of the generator, left where it ends
 *   16       for each pair of columns its sums and what their additions rounded away (f64 each)
 *   80       sums of squares of the last pair (f64)
 *   table    rows one after the other, in each its only column or its two pairs of them (f64)
 *   places   for each item of a resample, where its row stands
 *
 * `drawColumn(rows, table, end, places, restart)` draws a resample of a table of one column, and sums it; it needs no place
 * for places, and a long table so half the memory. `drawPairs` does it for two pairs, and notes the places. `end` is where the last row ends; `restart` the chance of a new block in 2⁵³rds, or negative where
 * each item is drawn for itself. A uniform number takes two outputs of the generator, the first its upper 27 bits, the
 * other its lower 26. `squares(places, end, a, b)` sums the squared distances of the second pair from a and b over the
 * places of the resample drawn last. Sums are those of `neumaierSum`, to the last bit; sums of squares are plain.
 */
import { add, addToSums, forward, get, i32, kernelFile, op, set, subtract, writeWhenRun } from './wat.mjs';

const PAIR_BYTES = 16;
/** Where the sums of the first pair go; those of the next one follow. */
const SUMS = 16;
const SQUARES = 80;
const WORDS = [0, 1, 2, 3].map((word) => `s${word}`);

const scaled = (value, factor) => op('i32.mul', value, i32(factor));
const assignXor = (name, other) => set(name, op('i32.xor', get(name), get(other)));

/** The output of xoshiro128** at a second word of its state. */
const output = (word) => scaled(op('i32.rotl', scaled(get(word), 5), i32(7)), 9);

/** One step of its state. */
const step = () => [
  set('shifted', op('i32.shl', get('s1'), i32(9))),
  assignXor('s2', 's0'),
  assignXor('s3', 's1'),
  assignXor('s1', 's2'),
  assignXor('s0', 's3'),
  assignXor('s2', 'shifted'),
  set('s3', op('i32.rotl', get('s3'), i32(11))),
];

const upperBits = op('i32.shr_u', output('s1'), i32(5));
const lowerBits = (word) => op('i32.shr_u', output(word), i32(6));
const wide = (value) => op('i64.extend_i32_u', value);

/** A uniform number as an integer in [0, 2⁵³). */
const uniform = [
  set('upper', upperBits),
  ...step(),
  set('u', op('i64.or', op('i64.shl', wide(get('upper')), '(i64.const 26)'), wide(lowerBits('s1')))),
  ...step(),
].join('\n');

/** Goes to `target` where a uniform number is below the chance: its lower bits are looked at where the upper leave it open. */
const whenBelowChance = (target) =>
  [
    set('upper', upperBits),
    ...step(),
    set('spare', get('s1')),
    ...step(),
    `(br_if ${target} ${op('i32.lt_u', get('upper'), get('chanceUpper'))})`,
    `(if ${op('i32.eq', get('upper'), get('chanceUpper'))}
      (then (br_if ${target} ${op('i32.lt_u', lowerBits('spare'), get('chanceLower'))})))`,
  ].join('\n');

/**
 * Where the row stands that a uniform number falls on. Scaling by a power of two rounds nothing, so that rows·2⁻⁵³ serves
 * for both factors; a whole number is the lower word of its sum with 2⁵², which takes less than to convert it and look
 * whether it could be.
 */
const drawnRow = ({ bytes }) =>
  op(
    'i32.add',
    get('table'),
    scaled(
      op(
        'i32.wrap_i64',
        op(
          'i64.reinterpret_f64',
          op(
            'f64.add',
            op('f64.floor', op('f64.mul', op('f64.convert_i64_s', get('u')), get('rowsScaled'))),
            '(f64.const 0x1p52)',
          ),
        ),
      ),
      bytes,
    ),
  );

/** What is drawn: the bytes of a row, its pairs of columns, and whether the places of the rows are noted. */
const COLUMN = { bytes: 8, pairs: [0], hasPlaces: false };
const PAIRS = { bytes: 2 * PAIR_BYTES, pairs: [0, 1], hasPlaces: true };

const addRow = (pair, { bytes }) =>
  addToSums(pair, `(v128.load${bytes < PAIR_BYTES ? '64_zero' : ''} offset=${PAIR_BYTES * pair} ${get('row')})`);

const store = (at, name) => `(v128.store offset=${at} ${i32(0)} ${get(name)})`;
const locals = (type, names) => names.map((name) => `(local $${name} ${type})`).join(' ');

/** The loop over the items of a resample: `place` says how the row of each is found. */
const items = (table, place) => `
  (loop $item
    ${place}
    ${table.hasPlaces ? `(i32.store ${get('p')} ${get('row')})` : ''}
    ${table.pairs.flatMap((pair) => addRow(pair, table)).join('\n')}
    ${forward('p', 4)}
    (br_if $item ${op('i32.lt_u', get('p'), get('last'))}))`;

const alone = (table) => [uniform, set('row', drawnRow(table))].join('\n');

/** The first item is drawn; each other one follows its predecessor, and the first row the last, or begins a new block. */
const inBlocks = (table) => `
  (block $placed
    (block $drawn
      (br_if $drawn ${op('i32.eq', get('p'), get('places'))})
      ${whenBelowChance('$drawn')}
      ${forward('row', table.bytes)}
      (br_if $placed ${op('i32.ne', get('row'), get('end'))})
      ${set('row', get('table'))}
      (br $placed))
    ${alone(table)})`;

const draw = (name, table) => `
  (func (export "${name}") (param $rows i32) (param $table i32) (param $end i32) (param $places i32) (param $restart f64)
    ${locals('i32', [...WORDS, 'shifted', 'upper', 'spare', 'chanceUpper', 'chanceLower', 'row', 'p', 'last'])}
    ${locals('i64', ['u', 'chance'])}
    (local $rowsScaled f64)
    ${locals('v128', ['value', 'next', 'added', ...table.pairs.flatMap((pair) => [`sum_${pair}`, `lost_${pair}`])])}
    ${WORDS.map((word, i) => set(word, `(i32.load offset=${4 * i} ${i32(0)})`)).join('\n')}
    ${set('rowsScaled', op('f64.mul', op('f64.convert_i32_u', get('rows')), '(f64.const 0x1p-53)'))}
    ${set('p', get('places'))}
    ${set('last', op('i32.add', get('places'), scaled(get('rows'), 4)))}
    ${set('chance', op('i64.trunc_sat_f64_u', get('restart')))}
    ${set('chanceUpper', op('i32.wrap_i64', op('i64.shr_u', get('chance'), '(i64.const 26)')))}
    ${set('chanceLower', op('i32.wrap_i64', op('i64.and', get('chance'), '(i64.const 0x3ffffff)')))}
    (if ${op('f64.lt', get('restart'), '(f64.const 0)')}
      (then ${items(table, alone(table))})
      (else ${items(table, inBlocks(table))}))
    ${WORDS.map((word, i) => `(i32.store offset=${4 * i} ${i32(0)} ${get(word)})`).join('\n')}
    ${table.pairs
      .flatMap((pair) => [
        store(SUMS + 2 * PAIR_BYTES * pair, `sum_${pair}`),
        store(SUMS + 2 * PAIR_BYTES * pair + PAIR_BYTES, `lost_${pair}`),
      ])
      .join('\n')})`;

const SOURCE = `(module
  (memory (export "memory") 1)
  ${draw('drawColumn', COLUMN)}
  ${draw('drawPairs', PAIRS)}
  (func (export "squares") (param $places i32) (param $end i32) (param $a f64) (param $b f64)
    ${locals('v128', ['mean', 'away', 'sum'])}
    ${set('mean', op('f64x2.replace_lane 1', op('f64x2.splat', get('a')), get('b')))}
    (loop $item
      ${set('away', subtract(`(v128.load offset=${PAIR_BYTES} (i32.load ${get('places')}))`, get('mean')))}
      ${set('sum', add(get('sum'), op('f64x2.mul', get('away'), get('away'))))}
      ${forward('places', 4)}
      (br_if $item ${op('i32.lt_u', get('places'), get('end'))}))
    ${store(SQUARES, 'sum')}))`;

/** The kernel's file, as it stands in the engine. */
export const resampleKernelFile = () => kernelFile('resample', SOURCE);

await writeWhenRun(import.meta.url, 'resample', resampleKernelFile);
