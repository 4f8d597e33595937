/**
 * Writes electron/desk/engine/quantile-kernel-code.ts: the WebAssembly that finds order statistics of many values, by the
 * buckets they are dealt into. Run `node build/make-quantile-kernel.mjs` after a change here; a test holds the file
 * to what this makes.
 *
 * `tables` is the place of three tables of 1024 words: how many values fell into each bucket (i32), which buckets are held
 * (4 in the first byte where one is, else 0), and where the next value of a held one is put (i32).
 *   find(values, count, buckets, tables, picked, kept, ranks, ranksEnd, found)  writes the order statistics (f64) of
 *       ranks (i32, rising, at least one). Returns 0 where a few of the values have no width, or one beyond numbers, and
 *       nothing is written; else 1. Of three steps:
 *   deal  notes for each value (f64) four times its bucket (u16), and counts. The bucket is (value − least)·scale, rounded,
 *       within 0 and 1023: values in order are in buckets in order. Eight values are read at a time: behind the last must
 *       be room for seven, of whatever they are.
 *   pick  writes the numbers (i32) of the values in held buckets, in order, and returns where they end.
 *   select  brings the order statistic of one place to it: lesser values before it, greater ones behind.
 * Behind the ranks, so many words each, is noted where the bucket of each begins, where it ends, and the place of the rank.
 */
import { floats, forward, get, i32, kernelFile, op, set, sharedMemory, subtract, writeWhenRun } from './wat.mjs';

const BUCKETS = 1024;
const TABLE_BYTES = 4 * BUCKETS;
/** The most ranks that are looked for, as quantile-kernel.ts leaves room for them. */
const MOST_RANKS = 32;
/** Values looked at for the range of the buckets: one in so many, as a shift. */
const LOOKED_AT_SHIFT = 7;
/** Short stretches are sorted: below this, parting them takes longer. */
const SHORT = 40;
/** Values of a step. */
const STEP = [0, 1, 2, 3, 4, 5, 6, 7];

/** The buckets of two values, as the lower words of 2⁵² + bucket: the sum rounds to whole numbers. */
const twoBuckets = (offset) => {
  const place = op('f64x2.mul', subtract(`(v128.load offset=${offset} ${get('values')})`, get('lows')), get('scales'));
  const within = op('f64x2.pmin', op('f64x2.pmax', place, get('zero')), get('most'));
  return op('f64x2.add', within, get('magic'));
};

const fourBuckets = (offset) =>
  op('i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27', twoBuckets(offset), twoBuckets(offset + 16));

const bucketOf = (i) => `(i32.load16_u offset=${2 * i} ${get('p')})`;

const countOne = (i) => [
  set('at', op('i32.add', get('tables'), bucketOf(i))),
  `(i32.store ${get('at')} ${op('i32.add', `(i32.load ${get('at')})`, i32(1))})`,
];

const pickOne = (i) => [
  `(i32.store ${get('picked')} ${op('i32.add', get('i'), i32(i))})`,
  set(
    'picked',
    op('i32.add', get('picked'), `(i32.load8_u offset=${TABLE_BYTES} ${op('i32.add', get('tables'), bucketOf(i))})`),
  ),
];

/** Goes over the buckets noted for all values, a step at a time and then one by one. */
const overBuckets = (one) => `
  ${set('p', get('buckets'))}
  ${set('end', op('i32.add', get('buckets'), op('i32.shl', get('count'), i32(1))))}
  ${set('whole', op('i32.sub', get('end'), i32(2 * (STEP.length - 1))))}
  (block $few
    (loop $steps
      (br_if $few ${op('i32.ge_s', get('p'), get('whole'))})
      ${STEP.flatMap(one).join('\n')}
      ${forward('i', STEP.length)}
      ${forward('p', 2 * STEP.length)}
      (br $steps)))
  (block $none
    (loop $ones
      (br_if $none ${op('i32.ge_u', get('p'), get('end'))})
      ${one(0).join('\n')}
      ${forward('i', 1)}
      ${forward('p', 2)}
      (br $ones)))`;

const locals = (type, names) => names.map((name) => `(local $${name} ${type})`).join(' ');

const deal = `
  (func $deal (param $values i32) (param $count i32) (param $buckets i32) (param $tables i32)
      (param $least f64) (param $scale f64)
    ${locals('i32', ['p', 'end', 'whole', 'at', 'i'])}
    ${locals('v128', ['lows', 'scales', 'zero', 'most', 'magic'])}
    ${set('lows', op('f64x2.splat', get('least')))}
    ${set('scales', op('f64x2.splat', get('scale')))}
    ${set('zero', floats('0'))}
    ${set('most', floats(BUCKETS - 1))}
    ${set('magic', floats('0x1p52'))}
    ${set('p', get('tables'))}
    ${set('end', op('i32.add', get('tables'), i32(2 * TABLE_BYTES)))}
    (loop $clear
      (v128.store ${get('p')} ${get('zero')})
      ${forward('p', 16)}
      (br_if $clear ${op('i32.lt_u', get('p'), get('end'))}))
    ${set('p', get('buckets'))}
    ${set('end', op('i32.add', get('values'), op('i32.shl', get('count'), i32(3))))}
    (block $done
      (loop $deal
        (br_if $done ${op('i32.ge_u', get('values'), get('end'))})
        (v128.store ${get('p')} ${op('i16x8.shl', op('i16x8.narrow_i32x4_s', fourBuckets(0), fourBuckets(32)), i32(2))})
        ${forward('p', 2 * STEP.length)}
        ${forward('values', 8 * STEP.length)}
        (br $deal)))
    ${overBuckets(countOne)})`;

const pick = `
  (func $pick (param $buckets i32) (param $count i32) (param $tables i32) (param $picked i32) (result i32)
    ${locals('i32', ['p', 'end', 'whole', 'i'])}
    ${overBuckets(pickOne)}
    ${get('picked')})`;

const load = (place) => `(f64.load ${place})`;
const store = (place, value) => `(f64.store ${place} ${value})`;

/** Sorts a stretch by insertion. */
const sortShort = `
  ${set('at', op('i32.add', get('lo'), i32(8)))}
  (block $sorted
    (loop $insert
      (br_if $sorted ${op('i32.ge_u', get('at'), get('hi'))})
      ${set('value', load(get('at')))}
      ${set('less', get('at'))}
      (block $there
        (loop $move
          (br_if $there ${op('i32.le_u', get('less'), get('lo'))})
          ${set('other', `(f64.load ${op('i32.sub', get('less'), i32(8))})`)}
          (br_if $there ${op('f64.le', get('other'), get('value'))})
          ${store(get('less'), get('other'))}
          ${forward('less', -8)}
          (br $move)))
      ${store(get('less'), get('value'))}
      ${forward('at', 8)}
      (br $insert)))`;

/** Parts a stretch around the median of three of its values: those equal to it stand from `less` to `more`. */
const part = `
  ${set('value', load(get('lo')))}
  ${set('other', load(op('i32.add', get('lo'), op('i32.shl', op('i32.shr_u', op('i32.sub', get('hi'), get('lo')), i32(4)), i32(3)))))}
  ${set('pivot', op('f64.max', get('value'), get('other')))}
  ${set('pivot', op('f64.max', op('f64.min', get('value'), get('other')), op('f64.min', get('pivot'), load(op('i32.sub', get('hi'), i32(8))))))}
  ${[set('less', get('lo')), set('at', get('lo')), set('more', get('hi'))].join('\n')}
  (block $parted
    (loop $next
      (br_if $parted ${op('i32.ge_u', get('at'), get('more'))})
      ${set('value', load(get('at')))}
      (if ${op('f64.lt', get('value'), get('pivot'))}
        (then
          ${[store(get('at'), load(get('less'))), store(get('less'), get('value')), forward('less', 8), forward('at', 8)].join('\n')})
        (else
          (if ${op('f64.gt', get('value'), get('pivot'))}
            (then ${[forward('more', -8), store(get('at'), load(get('more'))), store(get('more'), get('value'))].join('\n')})
            (else ${forward('at', 8)}))))
      (br $next)))`;

const select = `
  (func $select (param $lo i32) (param $hi i32) (param $place i32)
    ${locals('i32', ['at', 'less', 'more'])}
    ${locals('f64', ['value', 'other', 'pivot'])}
    (loop $stretch
      (if ${op('i32.le_u', op('i32.sub', get('hi'), get('lo')), i32(8 * SHORT))}
        (then ${sortShort})
        (else
          ${part}
          (if ${op('i32.lt_u', get('place'), get('less'))}
            (then ${set('hi', get('less'))} (br $stretch)))
          (if ${op('i32.ge_u', get('place'), get('more'))}
            (then ${set('lo', get('more'))} (br $stretch)))))))`;

/** The range of a few values; returns where it is none that buckets can be made of. */
const lookAround = `
  ${[set('least', '(f64.const inf)'), set('most', '(f64.const -inf)')].join('\n')}
  ${set('p', get('values'))}
  ${set('end', op('i32.add', get('values'), op('i32.shl', get('count'), i32(3))))}
  ${set('size', op('i32.shl', op('i32.shr_u', get('count'), i32(LOOKED_AT_SHIFT)), i32(3)))}
  (loop $look
    ${set('least', op('f64.min', get('least'), load(get('p'))))}
    ${set('most', op('f64.max', get('most'), load(get('p'))))}
    ${set('p', op('i32.add', get('p'), get('size')))}
    (br_if $look ${op('i32.lt_u', get('p'), get('end'))}))
  ${set('scale', op('f64.div', `(f64.const ${BUCKETS - 1})`, op('f64.sub', get('most'), get('least'))))}
  (if (i32.eqz ${op('i32.and', op('f64.gt', get('scale'), '(f64.const 0)'), op('f64.lt', get('scale'), '(f64.const inf)'))})
    (then (return ${i32(0)})))`;

const noteAt = (which, value) => `(i32.store offset=${4 * MOST_RANKS * which} ${get('p')} ${value})`;
const noted = (which) => `(i32.load offset=${4 * MOST_RANKS * which} ${get('p')})`;
const [BEGIN, END, PLACE] = [1, 2, 3];

/** Goes over the buckets until each rank is in one, and holds those. */
const holdBuckets = `
  ${[set('p', get('ranks')), set('bucket', get('tables')), set('before', i32(0)), set('from', get('kept'))].join('\n')}
  (loop $bucket
    ${set('until', op('i32.add', get('before'), `(i32.load ${get('bucket')})`))}
    (if ${op('i32.lt_u', `(i32.load ${get('p')})`, get('until'))}
      (then
        (i32.store8 offset=${TABLE_BYTES} ${get('bucket')} ${i32(4)})
        (i32.store offset=${2 * TABLE_BYTES} ${get('bucket')} ${get('from')})
        ${set('to', op('i32.add', get('from'), op('i32.shl', `(i32.load ${get('bucket')})`, i32(3))))}
        (block $all
          (loop $rank
            ${noteAt(BEGIN, get('from'))}
            ${noteAt(END, get('to'))}
            ${noteAt(PLACE, op('i32.add', get('from'), op('i32.shl', op('i32.sub', `(i32.load ${get('p')})`, get('before')), i32(3))))}
            ${forward('p', 4)}
            (br_if $all ${op('i32.ge_u', get('p'), get('ranksEnd'))})
            (br_if $rank ${op('i32.lt_u', `(i32.load ${get('p')})`, get('until'))})))
        ${set('from', get('to'))}))
    ${set('before', get('until'))}
    ${forward('bucket', 4)}
    (br_if $bucket ${op('i32.lt_u', get('p'), get('ranksEnd'))}))`;

/** Puts the values of held buckets together, bucket by bucket. */
const gather = `
  ${set('p', get('picked'))}
  ${set('end', `(call $pick ${['buckets', 'count', 'tables', 'picked'].map(get).join(' ')})`)}
  (block $gathered
    (loop $gather
      (br_if $gathered ${op('i32.ge_u', get('p'), get('end'))})
      ${set('size', `(i32.load ${get('p')})`)}
      ${set('bucket', op('i32.add', get('tables'), `(i32.load16_u ${op('i32.add', get('buckets'), op('i32.shl', get('size'), i32(1)))})`))}
      ${set('to', `(i32.load offset=${2 * TABLE_BYTES} ${get('bucket')})`)}
      ${store(get('to'), load(op('i32.add', get('values'), op('i32.shl', get('size'), i32(3)))))}
      (i32.store offset=${2 * TABLE_BYTES} ${get('bucket')} ${op('i32.add', get('to'), i32(8))})
      ${forward('p', 4)}
      (br $gather)))`;

/** What one rank has parted off, the next need not look at: they rise. */
const selectEach = `
  ${[set('p', get('ranks')), set('from', i32(0))].join('\n')}
  (loop $each
    ${set('from', `(select ${get('from')} ${noted(BEGIN)} ${op('i32.gt_u', get('from'), noted(BEGIN))})`)}
    (call $select ${get('from')} ${noted(END)} ${noted(PLACE)})
    ${store(get('found'), load(noted(PLACE)))}
    ${set('from', op('i32.add', noted(PLACE), i32(8)))}
    ${forward('found', 8)}
    ${forward('p', 4)}
    (br_if $each ${op('i32.lt_u', get('p'), get('ranksEnd'))}))`;

const find = `
  (func (export "find") (param $values i32) (param $count i32) (param $buckets i32) (param $tables i32)
      (param $picked i32) (param $kept i32) (param $ranks i32) (param $ranksEnd i32) (param $found i32) (result i32)
    ${locals('i32', ['p', 'end', 'size', 'bucket', 'before', 'until', 'from', 'to'])}
    ${locals('f64', ['least', 'most', 'scale'])}
    ${lookAround}
    (call $deal ${['values', 'count', 'buckets', 'tables', 'least', 'scale'].map(get).join(' ')})
    ${holdBuckets}
    ${gather}
    ${selectEach}
    ${i32(1)})`;

const SOURCE = `(module
  ${sharedMemory}
  ${deal}
  ${pick}
  ${select}
  ${find})`;

/** The kernel's file, as it stands in the engine. */
export const quantileKernelFile = () => kernelFile('quantile', SOURCE);

await writeWhenRun(import.meta.url, 'quantile', quantileKernelFile);
