/**
 * Writes electron/desk/engine/path-kernel-code.ts: the WebAssembly that walks paths of wealth, four at once in the lanes
 * of SIMD. Run `node build/make-path-kernel.mjs` after a change here; a test holds the file to what this makes.
 *
 * Each variant is one function `walk(groups, trades, factors, marks, restart, lanes, out, fan)`: for each group of four
 * paths it draws an outcome per trade and lane, and keeps the figures of `PathResults`. Memory, by byte offsets:
 *   0        n outcomes (f64): factors of wealth where it compounds, shares of the start where it adds
 *   marks    numbers of trades (i32), rising, ended by 0
 *   lanes    four words of state (i32x4 each) of the four generators, left where they end
 *   out      seven blocks of figures (f64), one value per path each: see FIGURES
 *   fan      wealth (f64) by mark, one row of all paths after the other
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import wabt from 'wabt';

const FILE = path.resolve(import.meta.dirname, '../electron/desk/engine/path-kernel-code.ts');

/** Figures of a path in the order of their blocks. `passed`: 1 loss level first, 2 gain level first, 0 neither. */
const FIGURES = ['wealth', 'worst', 'fall', 'lowest', 'below', 'longest', 'passed'];

const get = (name) => `(local.get $${name})`;
const set = (name, value) => `(local.set $${name} ${value})`;
const tee = (name, value) => `(local.tee $${name} ${value})`;
const op = (name, ...operands) => `(${name} ${operands.join(' ')})`;
const i32 = (value) => `(i32.const ${value})`;
const ints = (value) => `(v128.const i32x4 ${value} ${value} ${value} ${value})`;
const floats = (value) => `(v128.const f64x2 ${value} ${value})`;
const MAX = '0x1.fffffffffffffp+1023';

const rotated = (value, bits) =>
  op('v128.or', op('i32x4.shl', tee('t', value), i32(bits)), op('i32x4.shr_u', get('t'), i32(32 - bits)));

/** One step of xoshiro128** in each lane; its output goes to `into`. */
const draw = (into) =>
  [
    set(into, op('i32x4.mul', rotated(op('i32x4.mul', get('s1'), ints(5)), 7), ints(9))),
    set('shifted', op('i32x4.shl', get('s1'), i32(9))),
    set('s2', op('v128.xor', get('s2'), get('s0'))),
    set('s3', op('v128.xor', get('s3'), get('s1'))),
    set('s1', op('v128.xor', get('s1'), get('s2'))),
    set('s0', op('v128.xor', get('s0'), get('s3'))),
    set('s2', op('v128.xor', get('s2'), get('shifted'))),
    set('s3', rotated(get('s3'), 11)),
  ].join('\n');

/** Upper halves of u·n: an index in each lane. */
const products = [
  set('low', op('i64x2.extmul_low_i32x4_u', get('u'), get('n'))),
  set('high', op('i64x2.extmul_high_i32x4_u', get('u'), get('n'))),
].join('\n');
const UPPER_HALVES = 'i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31';
const drawnIndex = op(UPPER_HALVES, get('low'), get('high'));

const at = (lane, of) => op('i32.shl', op(`i32x4.extract_lane ${lane}`, get(of)), i32(3));
/** Two outcomes from memory, by two lanes of a vector of indices. */
const outcomes = (of, [first, second]) =>
  op('v128.load64_lane 1', at(second, of), op('v128.load64_zero', at(first, of)));

/** The indices of a trade. In blocks: a new one is drawn with the chance of a restart, else the next one is taken. */
const nextIndices = (isBlocked) =>
  isBlocked
    ? [
        draw('v'),
        draw('u'),
        products,
        set('next', op('i32x4.add', get('index'), ints(1))),
        set('next', op('v128.andnot', get('next'), op('i32x4.eq', get('next'), get('n')))),
        set('index', op('v128.bitselect', drawnIndex, get('next'), op('i32x4.lt_u', get('v'), get('restart')))),
      ].join('\n')
    : [draw('u'), products].join('\n');

/** Which vector, and which two lanes of it, hold the indices of a pair of paths. */
const indicesOf = (isBlocked, pair) => {
  if (isBlocked) return outcomes('index', pair === 'a' ? [0, 1] : [2, 3]);
  return outcomes(pair === 'a' ? 'low' : 'high', [1, 3]);
};

const least = (name, value) => set(name, op('f64x2.pmin', get(name), value));
const most = (name, value) => set(name, op('f64x2.pmax', get(name), value));

const own = (pair) => (name) => `${name}_${pair}`;

/** Wealth of a pair after a trade, and its share of its peak. */
const step = (pair, { isCompounded, isCapped, isBlocked }) => {
  const [wealth, peak, share] = ['wealth', 'peak', 'share'].map(own(pair));
  const outcome = indicesOf(isBlocked, pair);
  // Capped where it could, so that an absurd stake overflows to a huge number and not to NaN.
  const capped = (value) => (isCapped ? op('f64x2.pmin', value, floats(MAX)) : value);
  if (isCompounded) {
    return [
      set('x', outcome),
      set(wealth, capped(op('f64x2.mul', get(wealth), get('x')))),
      // Needs neither peak nor division where each trade is a factor of both.
      set(share, op('f64x2.pmin', op('f64x2.mul', get(share), get('x')), floats('1'))),
    ];
  }
  return [
    set('x', op('f64x2.pmax', op('f64x2.add', get(wealth), outcome), floats('0'))),
    // A path that has lost everything stays at 0.
    set(wealth, op('v128.and', capped(get('x')), op('f64x2.gt', get(wealth), floats('0')))),
    most(peak, get(wealth)),
    set(share, op('f64x2.div', get(wealth), get(peak))),
    most(own(pair)('fall'), op('f64x2.sub', get(peak), get(wealth))),
  ];
};

/** Notes which level a pair came to first. */
const notePassed = (pair) => {
  const [wealth, passed] = ['wealth', 'passed'].map(own(pair));
  return [
    set('open', op('f64x2.eq', get(passed), floats('0'))),
    set('lost', op('v128.and', get('open'), op('f64x2.le', get(wealth), op('f64x2.splat', get('lossLevel'))))),
    set('won', op('v128.and', get('open'), op('f64x2.ge', get(wealth), op('f64x2.splat', get('gainLevel'))))),
    set('won', op('v128.andnot', get('won'), get('lost'))),
    set(passed, op('v128.or', get(passed), op('v128.and', get('lost'), floats('1')))),
    set(passed, op('v128.or', get(passed), op('v128.and', get('won'), floats('2')))),
    set('x', op('v128.or', get('lost'), get('won'))),
  ];
};

/** The upper words of two pairs in four lanes: of numbers that are not negative they are in the order of the numbers. */
const upperWords = (a, b) => op('i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31', a, b);
const upperWordsOf = (name) => upperWords(get(`${name}_a`), get(`${name}_b`));
/** Lanes whose upper word says that wealth may be at a level. A path that has passed one has no level any more. */
const mayBeAtLevel = [
  set('t', upperWordsOf('wealth')),
  `(if ${op('v128.any_true', op('v128.or', op('i32x4.le_s', get('t'), get('loss')), op('i32x4.ge_s', get('t'), get('gain'))))}
    (then
      ${notePassed('a').join('\n')}
      ${set('under', get('x'))}
      ${notePassed('b').join('\n')}
      ${set('t', upperWords(get('under'), get('x')))}
      ${set('loss', op('v128.bitselect', ints('0x80000000'), get('loss'), get('t')))}
      ${set('gain', op('v128.bitselect', ints('0x7fffffff'), get('gain'), get('t')))}))`,
];

/** What a trade does to four paths. */
const trade = (kind) =>
  [
    ...PAIRS.flatMap((pair) => [
      ...step(pair, kind),
      least(own(pair)('worst'), get(own(pair)('share'))),
      least(own(pair)('lowest'), get(own(pair)('wealth'))),
    ]),
    // Each path comes to a level once at most: the branch is all but never taken.
    ...mayBeAtLevel,
    // 0x3ff00000 is the upper word of 1. A mask is −1 where it holds: taking it away counts.
    set('under', op('i32x4.lt_s', upperWordsOf('share'), ints('0x3ff00000'))),
    set('below', op('i32x4.sub', get('below'), get('under'))),
    set('run', op('v128.and', op('i32x4.sub', get('run'), get('under')), get('under'))),
    set('longest', op('i32x4.max_s', get('longest'), get('run'))),
  ].join('\n');

const STARTS = { wealth: 1, peak: 1, share: 1, worst: 1, fall: 0, lowest: 1, passed: 0 };
const COUNTS = ['below', 'run', 'longest'];
const PAIRS = ['a', 'b'];

/** The upper word of a number in all lanes. */
const upperWord = (name) =>
  op('i32x4.splat', op('i32.wrap_i64', op('i64.shr_u', op('i64.reinterpret_f64', get(name)), '(i64.const 32)')));

const begin = [
  ...PAIRS.flatMap((pair) => Object.entries(STARTS).map(([name, value]) => set(own(pair)(name), floats(value)))),
  set('loss', upperWord('lossLevel')),
  set('gain', upperWord('gainLevel')),
  ...COUNTS.map((name) => set(name, ints(0))),
].join('\n');

/** Writes wealth of all four paths where the fan stands, and steps to the next mark. */
const mark = `
  (if (i32.eq ${get('i')} ${get('mark')})
    (then
      (v128.store ${get('row')} ${get('wealth_a')})
      (v128.store offset=16 ${get('row')} ${get('wealth_b')})
      ${set('row', op('i32.add', get('row'), get('block')))}
      ${set('nextMark', op('i32.add', get('nextMark'), i32(4)))}
      ${set('mark', op('i32.load', get('nextMark')))}))`;

const placed = (place) => op('i32.add', get('to'), op('i32.mul', get('block'), i32(place)));
const store = (name, place) =>
  COUNTS.includes(name)
    ? `(v128.store ${placed(place)} ${op('f64x2.convert_low_i32x4_s', get(name))})
       (v128.store offset=16 ${placed(place)} ${op('f64x2.convert_low_i32x4_s', upperHalf(name))})`
    : `(v128.store ${placed(place)} ${get(`${name}_a`)}) (v128.store offset=16 ${placed(place)} ${get(`${name}_b`)})`;
const upperHalf = (name) => op('i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15', get(name), get(name));

const state = ['s0', 's1', 's2', 's3'];
const vectors = [
  ...state,
  ...['t', 'shifted', 'u', 'v', 'low', 'high', 'next', 'index', 'n', 'restart', 'x', 'under', 'open', 'lost', 'won'],
  ...['loss', 'gain'],
  ...COUNTS,
  ...PAIRS.flatMap((pair) => Object.keys(STARTS).map(own(pair))),
];
const numbers = ['g', 'i', 'mark', 'nextMark', 'row', 'to', 'block'];

const walk = (name, kind) => `
  (func (export "${name}") (param $groups i32) (param $trades i32) (param $count i32) (param $marks i32)
      (param $lanes i32) (param $out i32) (param $fan i32) (param $chance i32) (param $lossLevel f64)
      (param $gainLevel f64)
    ${vectors.map((vector) => `(local $${vector} v128)`).join(' ')}
    ${numbers.map((number) => `(local $${number} i32)`).join(' ')}
    ${set('n', op('i32x4.splat', get('count')))}
    ${set('restart', op('i32x4.splat', get('chance')))}
    ${set('block', op('i32.shl', get('groups'), i32(5)))}
    ${state.map((word, i) => set(word, `(v128.load offset=${16 * i} ${get('lanes')})`)).join('\n')}
    (block $done
      (loop $group
        (br_if $done ${op('i32.eq', get('g'), get('groups'))})
        ${begin}
        ${set('nextMark', get('marks'))}
        ${set('mark', op('i32.load', get('marks')))}
        ${set('row', op('i32.add', get('fan'), op('i32.shl', get('g'), i32(5))))}
        ${set('i', i32(0))}
        ${
          kind.isBlocked
            ? // The one before a drawn index: the first trade takes the next one, or draws anew.
              [draw('u'), products, set('index', op('i32x4.sub', drawnIndex, ints(1)))].join('\n')
            : ''
        }
        (loop $trade
          ${nextIndices(kind.isBlocked)}
          ${trade(kind)}
          ${set('i', op('i32.add', get('i'), i32(1)))}
          ${mark}
          (br_if $trade ${op('i32.lt_u', get('i'), get('trades'))}))
        ${set('to', op('i32.add', get('out'), op('i32.shl', get('g'), i32(5))))}
        ${FIGURES.map(store).join('\n')}
        ${set('g', op('i32.add', get('g'), i32(1)))}
        (br $group)))
    ${state.map((word, i) => `(v128.store offset=${16 * i} ${get('lanes')} ${get(word)})`).join('\n')})`;

/** Every variant, named by what it does: `compounded`, `addedInBlocks`, `compoundedCapped` … */
const VARIANTS = [true, false].flatMap((isCompounded) =>
  [true, false].flatMap((isBlocked) =>
    [true, false].map((isCapped) => ({
      name: `${isCompounded ? 'compounded' : 'added'}${isBlocked ? 'InBlocks' : ''}${isCapped ? 'Capped' : ''}`,
      kind: { isCompounded, isBlocked, isCapped },
    })),
  ),
);

const SOURCE = `(module
  (memory (export "memory") 1)
  ${VARIANTS.map(({ name, kind }) => walk(name, kind)).join('\n')})`;

/** The kernel's file, as it stands in the engine. */
export async function pathKernelFile() {
  const { parseWat } = await wabt();
  const module = parseWat('path-kernel.wat', SOURCE, { simd: true });
  module.validate({ simd: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  const text = Buffer.from(buffer).toString('base64');
  const lines = text.match(/.{1,108}/g).map((line) => `  '${line}'`);
  return [
    '// Made by build/make-path-kernel.mjs. Do not edit.',
    '',
    '/** The WebAssembly of the path kernel, in base64. */',
    'export const PATH_KERNEL_CODE = [',
    lines.join(',\n') + ',',
    "].join('');",
    '',
  ].join('\n');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(FILE, await pathKernelFile());
}
