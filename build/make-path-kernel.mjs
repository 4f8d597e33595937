/**
 * Writes electron/desk/engine/path-kernel-code.ts: the WebAssembly that walks paths of wealth, four at once in the lanes
 * of SIMD. Run `node build/make-path-kernel.mjs` after a change here; a test holds the file to what this makes.
 *
 * Each variant is one function, the parameters of which are those of `walk` below: for each group of four paths it draws
 * an outcome per trade and lane, and keeps the figures of `PathResults`, in a memory that threads share. It takes BLOCK
 * trades at a time, in two loops after one another (what is drawn, what becomes of it), because all their values together
 * do not fit the registers of a processor: in one loop they wait for memory at every trade. Numbers that stand are set
 * before the loops: engines make a constant anew wherever it is written. Memory, by byte offsets:
 *   0        n outcomes (f64): factors of wealth where it compounds, shares of the start where it adds
 *   marks    numbers of trades (i32), rising, from 1 on, ended by one that no trade has: all bits
 *   lanes    four words of state (i32x4 each) of the four generators, left where they end; behind them, for each trade of a
 *            block, where its four outcomes stand (i32x4)
 *   to       a path's final wealth (f64), and behind it, a row of all paths each: its deepest drawdown, largest fall and
 *            lowest wealth
 *   below    its trades under water (i32); longest: the longest run of them (i32); passed: which level it came to (u8)
 *   fan      its wealth (f64) by mark, one row of the paths walked after the other
 * `spread` takes rows of the fan apart to where those of all paths stand: walked right there, every mark would wait for
 * memory that is in no cache.
 */
import { draw, floats, forward, get, i32, ints, kernelFile, op, set, sharedMemory, writeWhenRun } from './wat.mjs';

/** Trades of a block, as path-kernel-simd.ts leaves room for them. */
const BLOCK = 128;
const STATE_BYTES = 64;

const MAX = '0x1.fffffffffffffp+1023';

/** Upper halves of u·n: an index in each lane. */
const products = [
  set('low', op('i64x2.extmul_low_i32x4_u', get('u'), get('n'))),
  set('high', op('i64x2.extmul_high_i32x4_u', get('u'), get('n'))),
].join('\n');
const UPPER_HALVES = 'i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31';
const drawnIndex = op(UPPER_HALVES, get('low'), get('high'));

/** Lower halves of u·n: what the index leaves of the output, as good as another output where n is small. */
const rest = op('i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27', get('low'), get('high'));

/** Indices of a trade in blocks: new ones are drawn where `v` restarts the block, else the next ones are taken. */
const drawInBlocks = (v) =>
  [
    draw('u'),
    products,
    set('next', op('i32x4.add', get('index'), get('step'))),
    set('next', op('v128.andnot', get('next'), op('i32x4.eq', get('next'), get('n')))),
    set('index', op('v128.bitselect', drawnIndex, get('next'), op('i32x4.lt_u', v, get('restart')))),
  ].join('\n');

/** Notes of a trade where the outcome of each lane stands. */
const notePlaces = (index, offset = 0) => `(v128.store offset=${offset} ${get('p')} ${op('i32x4.shl', index, i32(3))})`;

/** Draws as many trades as one step does, and notes them. */
const DRAWS = {
  single: { trades: 1, body: [draw('u'), products, notePlaces(drawnIndex)] },
  paired: {
    trades: 2,
    body: [draw('u'), products, notePlaces(drawnIndex), set('u', rest), products, notePlaces(drawnIndex, 16)],
  },
  blocked: { trades: 1, body: [drawInBlocks(rest), notePlaces(get('index'))] },
  blockedWide: { trades: 1, body: [draw('v'), drawInBlocks(get('v')), notePlaces(get('index'))] },
};

const least = (name, value) => set(name, op('f64x2.pmin', get(name), value));
const most = (name, value) => set(name, op('f64x2.pmax', get(name), value));

const own = (pair) => (name) => `${name}_${pair}`;

const PAIRS = ['a', 'b'];
const offsetOf = (pair) => (pair === 'a' ? 0 : 16);
/** The outcomes of a pair at a trade, by the places noted for it: the next one, or the one behind it. */
const outcomesAt = (pair, trade) => {
  const place = (lane) => `(i32.load offset=${16 * trade + offsetOf(pair) / 2 + 4 * lane} ${get('p')})`;
  return `(v128.load64_lane 1 ${place(1)} (v128.load64_zero ${place(0)}))`;
};
const readOutcomes = (pair) => set(own(pair)('x'), outcomesAt(pair, 0));
const outcomeOf = (pair) => get(own(pair)('x'));

/** Wealth of a pair after a trade. */
const wealthAfter = (pair, { isCompounded, isCapped }) => {
  const wealth = get(own(pair)('wealth'));
  // Capped where it could, so that an absurd stake overflows to a huge number and not to NaN.
  const capped = (value) => (isCapped ? op('f64x2.pmin', value, floats(MAX)) : value);
  if (isCompounded) return capped(op('f64x2.mul', wealth, outcomeOf(pair)));
  const after = op('f64x2.pmax', op('f64x2.add', wealth, outcomeOf(pair)), floats('0'));
  // A path that has lost everything stays at 0.
  return op('v128.and', capped(after), op('f64x2.gt', wealth, floats('0')));
};

/** Wealth of a pair, and what hangs on wealth alone; of a path that comes to no new extreme that is nothing else. */
const grow = (pair, kind) => {
  const [wealth, peak, lowest, highest, fall] = ['wealth', 'peak', 'lowest', 'highest', 'fall'].map(own(pair));
  return [
    set(wealth, wealthAfter(pair, kind)),
    ...(kind.isWithin ? [] : [least(lowest, get(wealth)), most(highest, get(wealth))]),
    ...(kind.isCompounded ? [] : [most(peak, get(wealth)), most(fall, op('f64x2.sub', get(peak), get(wealth)))]),
  ];
};

/** Wealth of a pair as a share of its peak. */
const fallen = (pair, { isCompounded }) => {
  const [share, worst, reach] = ['share', 'worst', 'reach'].map(own(pair));
  // Needs neither peak nor division where each trade is a factor of both.
  const next = isCompounded
    ? [set(reach, op('f64x2.mul', get(share), outcomeOf(pair))), set(share, op('f64x2.pmin', get(reach), get('one')))]
    : [set(share, op('f64x2.div', get(own(pair)('wealth')), get(own(pair)('peak'))))];
  return [...next, least(worst, get(share))];
};

/**
 * The same of the trade after one that compounds, sooner: min(min(r, 1)·x, 1) is min(r·x, min(x, 1)) to the last bit, as a
 * product never falls when a factor rises, and so the next share waits for one minimum in two trades.
 */
const fallenAgain = (pair) => {
  const [share, worst, reach] = ['share', 'worst', 'reach'].map(own(pair));
  const limit = op('f64x2.pmin', outcomeOf(pair), get('one'));
  return [set(share, op('f64x2.pmin', op('f64x2.mul', get(reach), outcomeOf(pair)), limit)), least(worst, get(share))];
};

/** Which levels a pair that has come to none is at. */
const atLevel = (pair, { low, high }) => [
  set('open', op('f64x2.eq', get(own(pair)('passed')), floats('0'))),
  set('lost', op('v128.and', get('open'), op('f64x2.le', get(own(pair)(low)), op('f64x2.splat', get('lossLevel'))))),
  set('won', op('v128.and', get('open'), op('f64x2.ge', get(own(pair)(high)), op('f64x2.splat', get('gainLevel'))))),
];

/** Notes which level a pair came to first: the loss level where it is at both. */
const notePassed = (pair, levels) => {
  const passed = own(pair)('passed');
  return [
    ...atLevel(pair, levels),
    set('won', op('v128.andnot', get('won'), get('lost'))),
    set(passed, op('v128.or', get(passed), op('v128.and', get('lost'), floats('1')))),
    set(passed, op('v128.or', get(passed), op('v128.and', get('won'), floats('2')))),
  ];
};
const OVER_BLOCK = { low: 'lowest', high: 'highest' };
const AT_TRADE = { low: 'wealth', high: 'wealth' };

/** The upper words of two pairs in four lanes: of numbers that are not negative they are in the order of the numbers. */
const upperWords = (a, b) => op('i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31', a, b);
const upperWordsOf = (name) => upperWords(get(`${name}_a`), get(`${name}_b`));

/** A loop over the trades of the block, so many at a time; of an odd number one more is gone over. */
const overBlock = (name, body, trades = 1) => `
  ${set('p', get('scratch'))}
  (loop $${name}
    ${body.join('\n')}
    ${set('p', op('i32.add', get('p'), i32(16 * trades)))}
    (br_if $${name} ${op('i32.lt_u', get('p'), get('end'))}))`;

/** Walks the block again, trade by trade, for the level that came first. */
const rescan = (kind) =>
  [
    ...PAIRS.map((pair) => set(own(pair)('wealth'), get(own(pair)('before')))),
    overBlock(
      'again',
      PAIRS.flatMap((pair) => [
        readOutcomes(pair),
        set(own(pair)('wealth'), wealthAfter(pair, kind)),
        ...notePassed(pair, AT_TRADE),
      ]),
    ),
  ].join('\n');

/**
 * Notes levels that were met in the block. Lanes whose upper word says so may be at one; a path that has passed one has no
 * level any more, so the branch is all but never taken. Only a path that met both in one block needs the block again.
 */
const noteLevels = (kind) => `
  (if ${op('v128.any_true', op('v128.or', op('i32x4.le_s', upperWordsOf('lowest'), get('loss')), op('i32x4.ge_s', upperWordsOf('highest'), get('gain'))))}
    (then
      ${[...atLevel('a', OVER_BLOCK), set('x', op('v128.and', get('lost'), get('won')))].join('\n')}
      ${[...atLevel('b', OVER_BLOCK), set('x', op('v128.or', get('x'), op('v128.and', get('lost'), get('won'))))].join('\n')}
      (if ${op('v128.any_true', get('x'))}
        (then ${rescan(kind)})
        (else ${PAIRS.flatMap((pair) => notePassed(pair, OVER_BLOCK)).join('\n')}))
      ${set('t', upperWords(...PAIRS.map((pair) => op('f64x2.gt', get(own(pair)('passed')), floats('0')))))}
      ${set('loss', op('v128.bitselect', ints('0x80000000'), get('loss'), get('t')))}
      ${['gain', 'under_gain'].map((level) => set(level, op('v128.bitselect', ints('0x7fffffff'), get(level), get('t')))).join('\n')}))`;

/** A mask is −1 where it holds: taking it away counts. 0x3ff00000 is the upper word of 1. */
const seeUnder = [
  set('under', op('i32x4.lt_s', upperWordsOf('share'), get('upperOne'))),
  set('below', op('i32x4.sub', get('below'), get('under'))),
  set('run', op('i32x4.sub', get('run'), get('under'))),
];
const endRun = set('run', op('v128.and', get('run'), get('under')));
const noteRun = set('longest', op('i32x4.max_s', get('longest'), get('run')));

/** A run that is not at its end is noted later, and one that ends keeps its length until it is noted. */
const countUnder = [...seeUnder, noteRun, endRun];
/** The first of two trades: the run that ends with it was noted at the trade before. */
const countFirst = [...seeUnder, endRun];

/** `lowest` is of the trades alone until it is stored: a level at the start is met by none of them. */
const STARTS = { wealth: 1, peak: 1, share: 1, worst: 1, fall: 0, lowest: 'inf', highest: 0, passed: 0 };
const COUNTS = ['below', 'run', 'longest'];

/** The upper word of a number in all lanes. */
const upperWord = (name) =>
  op('i32x4.splat', op('i32.wrap_i64', op('i64.shr_u', op('i64.reinterpret_f64', get(name)), '(i64.const 32)')));

const begin = [
  ...PAIRS.flatMap((pair) => Object.entries(STARTS).map(([name, value]) => set(own(pair)(name), floats(value)))),
  set('loss', upperWord('lossLevel')),
  set('gain', upperWord('gainLevel')),
  set('above', ints('0x7fffffff')),
  set('under_gain', upperWord('safeGain')),
  ...COUNTS.map((name) => set(name, ints(0))),
].join('\n');

/** Writes wealth of all four paths where the fan stands, and steps to the next mark. */
const mark = `
  (if (i32.eq ${get('i')} ${get('mark')})
    (then
      (v128.store ${get('mark_to')} ${get('wealth_a')})
      (v128.store offset=16 ${get('mark_to')} ${get('wealth_b')})
      ${set('mark_to', op('i32.add', get('mark_to'), get('block')))}
      ${set('nextMark', op('i32.add', get('nextMark'), i32(4)))}
      ${set('mark', op('i32.load', get('nextMark')))}))`;

/** All of a trade once it is drawn. */
const walkOne = (kind) => [
  ...PAIRS.map(readOutcomes),
  ...PAIRS.flatMap((pair) => grow(pair, kind)),
  ...PAIRS.flatMap((pair) => fallen(pair, kind)),
  ...countUnder,
  forward('p', 16),
];

/** All of two trades that compound. */
const walkTwo = (kind) => [
  ...PAIRS.map(readOutcomes),
  ...PAIRS.flatMap((pair) => grow(pair, kind)),
  ...PAIRS.flatMap((pair) => fallen(pair, kind)),
  ...countFirst,
  ...PAIRS.map((pair) => set(own(pair)('x'), outcomesAt(pair, 1))),
  ...PAIRS.flatMap((pair) => grow(pair, kind)),
  ...PAIRS.flatMap(fallenAgain),
  ...countUnder,
  forward('p', 32),
];

const lesser = (a, b) => `(select ${a} ${b} ${op('i32.lt_u', a, b)})`;

/** Trades up to `stop`, one by one. */
const oneByOne = (kind) => `
  (loop $walks
    ${walkOne(kind).join('\n')}
    (br_if $walks ${op('i32.lt_u', get('p'), get('stop'))}))`;

/** Trades up to `stop`, two by two, but for the last of an odd number. */
const twoByTwo = (kind) => `
  (if ${op('i32.lt_u', get('p'), get('evenStop'))}
    (then
      (loop $twos
        ${walkTwo(kind).join('\n')}
        (br_if $twos ${op('i32.lt_u', get('p'), get('evenStop'))}))))`;

/** The most trades of a stretch, as path-kernel-simd.ts bounds what they may come to. */
const STRETCH = 16;

/** Whether no path of the four can come to a new low or to the gain level in a stretch: upper words are enough to say so. */
const isWithin = [
  set('t', upperWordsOf('wealth')),
  op(
    'i32.eq',
    op(
      'i32x4.bitmask',
      op('v128.and', op('i32x4.gt_s', get('t'), get('above')), op('i32x4.lt_s', get('t'), get('under_gain'))),
    ),
    i32(15),
  ),
];

/** The wealth above which a stretch comes to no new low. Of what is next to nothing products round too coarsely to say. */
const safe = (pair) =>
  op('f64x2.pmax', op('f64x2.mul', get(own(pair)('lowest')), op('f64x2.splat', get('safeFall'))), floats('0x1p-960'));

/**
 * Trades that compound, up to `stop`: most paths are soon far above their lowest wealth and past a level, and then have
 * neither to look out for. A low that comes after `above` is set only lowers what would be enough.
 */
const walkStretch = (kind) => `
  ${set('evenStop', op('i32.sub', get('stop'), i32(16)))}
  ${isWithin[0]}
  (if ${isWithin[1]}
    (then ${twoByTwo({ ...kind, isWithin: true })})
    (else
      ${twoByTwo(kind)}
      ${set('above', upperWords(safe('a'), safe('b')))}))
  (if ${op('i32.lt_u', get('p'), get('stop'))}
    (then ${walkOne(kind).join('\n')}))`;

/** Large samples and paths that may outgrow numbers are rare, and walked one by one. */
const isStretched = (kind) => kind.isCompounded && !kind.isCapped;

/** The trades of the block, from one mark to the next: in their loop nothing is asked that concerns few of them. */
const walkBlock = (kind) => `
  ${set('p', get('scratch'))}
  (loop $marks
    ${set('upTo', lesser(get('mark'), get('blockEnd')))}
    ${isStretched(kind) ? [set('stop', op('i32.add', get('i'), i32(STRETCH))), set('upTo', lesser(get('upTo'), get('stop')))].join('\n') : ''}
    ${set('stop', op('i32.add', get('p'), op('i32.shl', op('i32.sub', get('upTo'), get('i')), i32(4))))}
    ${isStretched(kind) ? walkStretch(kind) : oneByOne(kind)}
    ${set('i', get('upTo'))}
    ${mark}
    (br_if $marks ${op('i32.lt_u', get('i'), get('blockEnd'))}))`;

/** Stores a figure of the four paths in a row. */
const storeIn = (row, of) =>
  PAIRS.map(
    (pair) =>
      `(v128.store offset=${offsetOf(pair)} ${op('i32.add', get('to'), op('i32.mul', get('row'), i32(row)))} ${of(pair)})`,
  );

/** Which level the four paths came to, in the first four bytes: 1 loss level first, 2 gain level first, 0 neither. */
const passedBytes = op(
  'i8x16.shuffle 0 4 16 20 0 4 16 20 0 4 16 20 0 4 16 20',
  ...PAIRS.map((pair) => op('i32x4.trunc_sat_f64x2_u_zero', get(own(pair)('passed')))),
);

const storeFigures = [
  ...storeIn(0, (pair) => get(own(pair)('wealth'))),
  ...storeIn(1, (pair) => op('f64x2.sub', get('one'), get(own(pair)('worst')))),
  ...storeIn(2, (pair) => get(own(pair)('fall'))),
  ...storeIn(3, (pair) => get(own(pair)('lowest'))),
  `(v128.store ${get('below_to')} ${get('below')})`,
  `(v128.store ${get('longest_to')} ${get('longest')})`,
  `(v128.store32_lane 0 ${get('passed_to')} ${passedBytes})`,
  forward('to', 32),
  forward('below_to', 16),
  forward('longest_to', 16),
  forward('passed_to', 4),
].join('\n');

const state = ['s0', 's1', 's2', 's3'];
const vectors = [
  ...state,
  ...['t', 'shifted', 'u', 'v', 'low', 'high', 'next', 'index', 'n', 'restart', 'x', 'under', 'open', 'lost', 'won'],
  ...['loss', 'gain', 'above', 'under_gain', 'one', 'upperOne', 'step'],
  ...COUNTS,
  ...PAIRS.flatMap((pair) => [...Object.keys(STARTS), 'before', 'x', 'reach'].map(own(pair))),
];
const numbers = [
  'g',
  'i',
  'mark',
  'nextMark',
  'mark_to',
  'block',
  'p',
  'scratch',
  'end',
  'left',
  'blockEnd',
  'upTo',
  'stop',
  'evenStop',
];

const walk = (name, kind) => `
  (func (export "${name}") (param $groups i32) (param $trades i32) (param $count i32) (param $marks i32)
      (param $lanes i32) (param $to i32) (param $row i32) (param $below_to i32) (param $longest_to i32)
      (param $passed_to i32) (param $fan i32) (param $chance i32) (param $lossLevel f64) (param $gainLevel f64)
      (param $safeFall f64) (param $safeGain f64)
    ${vectors.map((vector) => `(local $${vector} v128)`).join(' ')}
    ${numbers.map((number) => `(local $${number} i32)`).join(' ')}
    ${set('n', op('i32x4.splat', get('count')))}
    ${set('one', floats('1'))}
    ${set('upperOne', ints('0x3ff00000'))}
    ${set('step', ints(1))}
    ${set('restart', op('i32x4.splat', get('chance')))}
    ${set('block', op('i32.shl', get('groups'), i32(5)))}
    ${set('scratch', op('i32.add', get('lanes'), i32(STATE_BYTES)))}
    ${state.map((word, i) => set(word, `(v128.load offset=${16 * i} ${get('lanes')})`)).join('\n')}
    (block $done
      (loop $group
        (br_if $done ${op('i32.eq', get('g'), get('groups'))})
        ${begin}
        ${set('nextMark', get('marks'))}
        ${set('mark', op('i32.load', get('marks')))}
        ${set('mark_to', op('i32.add', get('fan'), op('i32.shl', get('g'), i32(5))))}
        ${set('i', i32(0))}
        ${
          [DRAWS.blocked, DRAWS.blockedWide].includes(kind.draws)
            ? // The one before a drawn index: the first trade takes the next one, or draws anew.
              [draw('u'), products, set('index', op('i32x4.sub', drawnIndex, ints(1)))].join('\n')
            : ''
        }
        (loop $trades
          ${set('left', op('i32.sub', get('trades'), get('i')))}
          ${set('left', lesser(get('left'), i32(BLOCK)))}
          ${set('blockEnd', op('i32.add', get('i'), get('left')))}
          ${set('end', op('i32.add', get('scratch'), op('i32.shl', get('left'), i32(4))))}
          ${PAIRS.map((pair) => set(own(pair)('before'), get(own(pair)('wealth')))).join('\n')}
          ${overBlock('draws', kind.draws.body, kind.draws.trades)}
          ${walkBlock(kind)}
          ${noteLevels(kind)}
          (br_if $trades ${op('i32.lt_u', get('i'), get('trades'))}))
        ${PAIRS.map((pair) => least(own(pair)('lowest'), floats('1'))).join('\n')}
        ${storeFigures}
        ${set('g', op('i32.add', get('g'), i32(1)))}
        (br $group)))
    ${state.map((word, i) => `(v128.store offset=${16 * i} ${get('lanes')} ${get(word)})`).join('\n')})`;

/** Copies rows of so many bytes, 32 or more by 32s, each to a row of its own. */
const spread = `
  (func (export "spread") (param $from i32) (param $bytes i32) (param $rows i32) (param $to i32) (param $row i32)
    (local $p i32) (local $end i32) (local $until i32)
    ${set('until', op('i32.add', get('from'), op('i32.mul', get('rows'), get('bytes'))))}
    (block $done
      (loop $each
        (br_if $done ${op('i32.ge_u', get('from'), get('until'))})
        ${set('p', get('to'))}
        ${set('end', op('i32.add', get('from'), get('bytes')))}
        (loop $copy
          (v128.store ${get('p')} (v128.load ${get('from')}))
          (v128.store offset=16 ${get('p')} (v128.load offset=16 ${get('from')}))
          ${forward('p', 32)}
          ${forward('from', 32)}
          (br_if $copy ${op('i32.lt_u', get('from'), get('end'))}))
        ${set('to', op('i32.add', get('to'), get('row')))}
        (br $each))))`;

/** Ways to draw, and whether wealth is capped: always in large samples, which are rare, where it costs them little. */
const KINDS = {
  InPairs: { draws: DRAWS.paired, isCapped: false },
  InPairsCapped: { draws: DRAWS.paired, isCapped: true },
  InBlocks: { draws: DRAWS.blocked, isCapped: false },
  InBlocksCapped: { draws: DRAWS.blocked, isCapped: true },
  Wide: { draws: DRAWS.single, isCapped: true },
  WideInBlocks: { draws: DRAWS.blockedWide, isCapped: true },
};

/** Every variant, named by what it does: `compoundedInPairs`, `addedWide`, `compoundedInBlocksCapped` … */
const VARIANTS = Object.entries(KINDS).flatMap(([how, kind]) => [
  { name: `compounded${how}`, kind: { ...kind, isCompounded: true } },
  { name: `added${how}`, kind: { ...kind, isCompounded: false } },
]);

const SOURCE = `(module
  ${sharedMemory}
  ${spread}
  ${VARIANTS.map(({ name, kind }) => walk(name, kind)).join('\n')})`;

/** The kernel's file, as it stands in the engine. */
export const pathKernelFile = () => kernelFile('path', SOURCE);

await writeWhenRun(import.meta.url, 'path', pathKernelFile);
