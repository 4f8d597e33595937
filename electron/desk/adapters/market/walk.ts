import type { Instrument } from '#shared/domain/instrument.ts';
import type { Ticks } from '#shared/units.ts';
import { type Seeded, createSeeded, hashInts, hashText } from '#desk/adapters/seeded.ts';
import { GROUP_SIGN, SIMULATED_MARKET, characterOf } from './character.ts';

/** One market on its way: log price in price units, and the slow part of its volatility. */
export type Walker = {
  readonly instrument: Instrument;
  readonly chance: Seeded;
  readonly anchor: number;
  readonly volume: number;
  readonly baseVolatility: number;
  logPrice: number;
  logVolatility: number;
};

/** A step of all walkers together. `minutes` > 0; `drifts` false between sessions, when nothing trades. */
export type Walk = {
  readonly walkers: readonly Walker[];
  readonly step: (minutes: number) => void;
  /** The pause between two sessions: regimes live on, prices move a little. */
  readonly pause: (minutes: number) => void;
  /** Standard deviation per √minute of a walker's log return, now. */
  readonly volatility: (walker: Walker) => number;
};

/** Shares of variance: common to all markets, common to the group (NQ and ES: 0.09 + 0.82 = correlation 0.91). */
const COMMON = 0.3;
const GROUP = Math.sqrt(0.82);
const OWN = Math.sqrt(1 - COMMON ** 2 - GROUP ** 2);

/** Log volatility: spread and memory in minutes. Calm and busy hours, not constant noise. */
const VOLATILITY_SPREAD = 0.2;
const VOLATILITY_MEMORY = 240;

/** How much likelier a regime ends that leads away from the anchor, per 10 % of distance: keeps months in range. */
const HOMING = 6;

type Regime = { readonly chance: Seeded; direction: 1 | -1 };

/**
 * Makes the joint walk. Each asset group has a hidden regime, up or down, that lasts hours; members share it, and most
 * of their noise. Same seed, instruments and steps: same prices.
 */
export function createWalk(
  instruments: readonly Instrument[],
  seed: number,
  startPrices: ReadonlyMap<string, Ticks>,
): Walk {
  const common = createSeeded(hashInts([seed, hashText('common')]));
  const regimes = new Map<string, Regime>();
  const noise = new Map<string, Seeded>();
  for (const group of new Set(instruments.map((instrument) => instrument.group))) {
    const chance = createSeeded(hashInts([seed, hashText(`regime ${group}`)]));
    regimes.set(group, { chance, direction: chance.uniform() < 0.5 ? 1 : -1 });
    noise.set(group, createSeeded(hashInts([seed, hashText(`group ${group}`)])));
  }
  const walkers = instruments.map((instrument) => makeWalker(instrument, seed, startPrices.get(instrument.symbol)));
  const volatility = (walker: Walker): number => walker.baseVolatility * Math.exp(walker.logVolatility);

  const turnRegimes = (minutes: number): void => {
    for (const [group, regime] of regimes) {
      const members = walkers.filter((walker) => walker.instrument.group === group);
      const away = members.reduce((sum, w) => sum + w.logPrice - w.anchor, 0) / members.length;
      const pull = Math.exp(Math.max(-1.5, Math.min(1.5, HOMING * away * regime.direction)));
      const rate = pull / SIMULATED_MARKET.regimeMinutes;
      // A symmetric switch, so that a long pause leaves either direction equally likely.
      const isTurning = regime.chance.uniform() < 0.5 * (1 - Math.exp(-2 * rate * minutes));
      if (isTurning) regime.direction = regime.direction === 1 ? -1 : 1;
    }
  };
  const move = (minutes: number, scale: number, driftMinutes: number): void => {
    turnRegimes(minutes);
    const shared = common.normal();
    const byGroup = new Map([...noise].map(([group, chance]) => [group, chance.normal()]));
    for (const walker of walkers) {
      const { group } = walker.instrument;
      const keep = Math.exp(-minutes / VOLATILITY_MEMORY);
      walker.logVolatility =
        keep * walker.logVolatility + VOLATILITY_SPREAD * Math.sqrt(1 - keep ** 2) * walker.chance.normal();
      const z = COMMON * GROUP_SIGN[group] * shared + GROUP * (byGroup.get(group) ?? 0) + OWN * walker.chance.normal();
      const drift = SIMULATED_MARKET.driftRatio * (regimes.get(group)?.direction ?? 1) * driftMinutes;
      walker.logPrice += volatility(walker) * (drift + scale * z);
    }
  };
  return {
    walkers,
    volatility,
    step: (minutes) => move(minutes, Math.sqrt(minutes), minutes),
    pause: (minutes) => move(minutes, 0.5 * Math.sqrt(Math.min(minutes, 120)), 0),
  };
}

function makeWalker(instrument: Instrument, seed: number, startPrice: Ticks | undefined): Walker {
  const character = characterOf(instrument);
  const price = startPrice === undefined ? character.startPrice : startPrice * instrument.tickSize;
  return {
    instrument,
    chance: createSeeded(hashInts([seed, hashText(`own ${instrument.symbol}`)])),
    anchor: Math.log(price),
    volume: character.volume,
    baseVolatility: character.volatility,
    logPrice: Math.log(price),
    logVolatility: 0,
  };
}
