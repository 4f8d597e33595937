import { figure, grownWith, interleave } from '#test/bench/harness.ts';
import type { Bench, Side } from '#test/bench/harness.ts';
import { soakDesk } from '#test/soak/desk-soak.ts';

const SEED = 1;
const MINUTE_MS = 60_000;

const sumOf = (times: readonly number[]): number => times.reduce((sum, ms) => sum + ms, 0);

/** The whole desk on virtual time for some hours. Throws when it did nothing, or left its journal out of order. */
async function live(hours: number, symbols: number) {
  const found = await soakDesk({ hours, symbols, seed: SEED, isMeasured: false });
  if (found.decisions > 0 && found.journalFault === null) return found;
  throw new Error(`${found.decisions} decisions, journal ${found.journalFault ?? 'in order'}`);
}

function hoursOf(hours: number, symbols: number): Side {
  return async () => {
    const found = await live(hours, symbols);
    const { minuteMs } = found;
    const later = minuteMs.slice(Math.floor(minuteMs.length / 2));
    return {
      [`${hours} h: real time`]: figure(sumOf(minuteMs) / 1000, 's'),
      [`${hours} h: with start and end`]: figure(found.wallMs / 1000, 's'),
      [`${hours} h: simulated over real time`]: figure((later.length * MINUTE_MS) / sumOf(later), ''),
      [`${hours} h: events journaled`]: figure(found.events, ''),
    };
  };
}

const symbolsOf =
  (hours: number, symbols: number): Side =>
  async () => ({ [`${symbols} symbols: real time`]: figure(sumOf((await live(hours, symbols)).minuteMs) / 1000, 's') });

/** A short form of `npm run soak`: how much faster than the clock the whole desk lives. */
export const soak: Bench = {
  name: 'soak',
  title: 'The whole desk with 50 symbols on virtual time',
  run: async ({ rounds, isQuick }) => {
    const [sizes, symbols] = isQuick ? [[0.05, 0.1, 0.2], 2] : [[0.25, 0.5, 1], 50];
    const [short = 0] = sizes;
    const others = isQuick ? [1, 3] : [25, 100];
    const sides = [...sizes.map((hours) => hoursOf(hours, symbols)), ...others.map((other) => symbolsOf(short, other))];
    // Each takes seconds of its own computing: the order turns, and one round more would tell no more.
    const shape = isQuick ? { rounds: 1, warmUps: 0 } : { rounds: Math.min(2, rounds), warmUps: 1 };
    const series = await interleave(sides, shape);
    const crowds = [
      { x: symbols, of: `${short} h: real time` },
      ...others.map((x) => ({ x, of: `${x} symbols: real time` })),
    ];
    const grown = sizes.map((x) => ({ x, of: `${x} h: real time` }));
    const last = series.find(({ name }) => name === `${sizes.at(-1)} h: simulated over real time`);
    return {
      series: [
        ...series,
        { name: 'simulated over real time', unit: '', values: last?.values ?? [] },
        grownWith(series, 'growth exponent, hours', grown),
        grownWith(series, 'growth exponent, symbols', crowds),
      ],
      notes: [
        'Every symbol ticks once a second and is sized once a minute; a trader approves, changes, rejects, cancels and flattens; the journal is on the disk, every row synced. Memory over a day is told by `npm run soak`.',
        'How much faster than the clock it lives is told of the second half of the hours, when code is warm: a desk starts once and lives for days. Start, end and the verification of the journal stand apart.',
      ],
    };
  },
};
