/**
 * Writes electron/desk/engine/pair-kernel-code.ts: the WebAssembly that sums the products of one market's returns with those
 * of many, two at once in the lanes of SIMD. Run `node build/make-pair-kernel.mjs` after a change here; a test holds the
 * file to what this makes.
 *
 * `row(days, own, from, to, out)`: markets stand in blocks of eight, in each one day after the other (eight f64 a day).
 * `own` is the place of one market's first return in its block, `from` to `to` the blocks it is taken with, `out` where a
 * sum for each of their markets goes. Weights of the days (f64) stand at 0. Sums are those of `neumaierSum`, to the last
 * bit: a lane adds day after day, and keeps what each addition rounds away.
 */
import { add, addToSums, floats, forward, get, i32, kernelFile, op, set, subtract, writeWhenRun } from './wat.mjs';

/** Pairs of markets in a block: as many as the registers hold sums of. */
const PAIRS = [0, 1, 2, 3];
/** Bytes of a day of a block. */
const DAY_BYTES = 64;

/** Adds the weighted products of a day to the sums of a pair of markets. */
const addDay = (pair) =>
  addToSums(
    pair,
    op('f64x2.mul', get('weight'), op('f64x2.mul', get('a'), `(v128.load offset=${16 * pair} ${get('p')})`)),
  );

/** Stores the sums of a pair: with their compensation where they are numbers, for it is none where they are not. */
const store = (pair) => {
  const sum = get(`sum_${pair}`);
  const isFinite = op('f64x2.eq', subtract(sum, sum), floats('0'));
  return `(v128.store offset=${16 * pair} ${get('out')} ${op('v128.bitselect', add(sum, get(`lost_${pair}`)), sum, isFinite)})`;
};

const numbers = ['p', 'q', 'w', 'end'];
const vectors = ['a', 'weight', 'value', 'next', 'added', ...PAIRS.flatMap((pair) => [`sum_${pair}`, `lost_${pair}`])];

const SOURCE = `(module
  (memory (export "memory") 1)
  (func (export "row") (param $days i32) (param $own i32) (param $from i32) (param $to i32) (param $out i32)
    ${numbers.map((number) => `(local $${number} i32)`).join(' ')}
    ${vectors.map((vector) => `(local $${vector} v128)`).join(' ')}
    ${set('end', op('i32.shl', get('days'), i32(3)))}
    (block $done
      (loop $block
        (br_if $done ${op('i32.ge_u', get('from'), get('to'))})
        ${PAIRS.flatMap((pair) => [set(`sum_${pair}`, floats('0')), set(`lost_${pair}`, floats('0'))]).join('\n')}
        ${set('p', get('from'))}
        ${set('q', get('own'))}
        ${set('w', i32(0))}
        (loop $day
          ${set('a', op('v128.load64_splat', get('q')))}
          ${set('weight', op('v128.load64_splat', get('w')))}
          ${PAIRS.flatMap(addDay).join('\n')}
          ${forward('p', DAY_BYTES)}
          ${forward('q', DAY_BYTES)}
          ${forward('w', 8)}
          (br_if $day ${op('i32.lt_u', get('w'), get('end'))}))
        ${PAIRS.map(store).join('\n')}
        ${forward('out', DAY_BYTES)}
        ${set('from', get('p'))}
        (br $block)))))`;

/** The kernel's file, as it stands in the engine. */
export const pairKernelFile = () => kernelFile('pair', SOURCE);

await writeWhenRun(import.meta.url, 'pair', pairKernelFile);
