/**
 * Writes electron/desk/engine/quantile-kernel-code.ts: the WebAssembly that deals values into buckets, which is most of
 * what quantiles of many values take. Run `node build/make-quantile-kernel.mjs` after a change here; a test holds the file
 * to what this makes.
 *
 * `tables` is the place of two tables of 1024 words: how many values fell into each bucket (i32), and which buckets are
 * held (4 in the first byte where one is, else 0).
 *   deal(values, count, buckets, tables, least, scale)  notes for each value (f64) four times its bucket (u16), and counts.
 *       The bucket is (value − least)·scale, rounded, within 0 and 1023: values in order are in buckets in order. Eight
 *       values are read at a time: behind the last must be room for seven, of whatever they are.
 *   pick(buckets, count, tables, picked)  writes the numbers (i32) of the values in held buckets, in order, and returns
 *       where they end.
 */
import { floats, forward, get, i32, kernelFile, op, set, sharedMemory, subtract, writeWhenRun } from './wat.mjs';

const BUCKETS = 1024;
const TABLE_BYTES = 4 * BUCKETS;
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
  (func (export "deal") (param $values i32) (param $count i32) (param $buckets i32) (param $tables i32)
      (param $least f64) (param $scale f64)
    ${locals('i32', ['p', 'end', 'whole', 'at', 'i'])}
    ${locals('v128', ['lows', 'scales', 'zero', 'most', 'magic'])}
    ${set('lows', op('f64x2.splat', get('least')))}
    ${set('scales', op('f64x2.splat', get('scale')))}
    ${set('zero', floats('0'))}
    ${set('most', floats(BUCKETS - 1))}
    ${set('magic', floats('0x1p52'))}
    ${set('p', get('tables'))}
    ${set('end', op('i32.add', get('tables'), i32(TABLE_BYTES)))}
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
  (func (export "pick") (param $buckets i32) (param $count i32) (param $tables i32) (param $picked i32) (result i32)
    ${locals('i32', ['p', 'end', 'whole', 'i'])}
    ${overBuckets(pickOne)}
    ${get('picked')})`;

const SOURCE = `(module
  ${sharedMemory}
  ${deal}
  ${pick})`;

/** The kernel's file, as it stands in the engine. */
export const quantileKernelFile = () => kernelFile('quantile', SOURCE);

await writeWhenRun(import.meta.url, 'quantile', quantileKernelFile);
