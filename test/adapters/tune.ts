import { createSimulatedMarket } from '#desk/adapters/market/simulated.ts';
import { buildFeatures, FEATURE_NAMES, barsNeeded } from '#desk/adapters/models/features.ts';
import { LSTM_MEMBER, ENSEMBLE_MEMBERS, memberChances, meanChances } from '#desk/adapters/models/simulated/opinions.ts';
import { epochMs } from '#shared/units.ts';
import { SIX, planWins } from './planned-trades.ts';
const seed = Number(process.argv[2] ?? 7),
  N = Number(process.argv[3] ?? 30000);
const clock = { now: () => epochMs(0), after: () => () => undefined, every: () => () => undefined };
const m = createSimulatedMarket({ instruments: SIX, seed, clock, quoteIntervalMs: 1000 });
const series = new Map(SIX.map((i) => [i.symbol, [] as any[]]));
const t0 = performance.now();
for (let k = 0; k < N; k++)
  for (const b of m.playBar(epochMs(1.7e12 - (1.7e12 % 60000) + k * 60000))) series.get(b.symbol)!.push(b);
console.log('played', N, 'in', performance.now() - t0);
let asks = 0,
  gate = 0,
  agree = 0;
const tot: any = {};
const bins = new Map<string, [number, number, number]>();
const add = (k: string, c: number, w: boolean) => {
  const b = bins.get(k) ?? [0, 0, 0];
  b[0]++;
  b[1] += c;
  b[2] += w ? 1 : 0;
  bins.set(k, b);
};
for (const inst of SIX) {
  const bars = series.get(inst.symbol)!;
  let rng = 0;
  for (const b of bars) rng += (b.high - b.low) * inst.tickSize;
  const px = bars.map((b: any) => b.close * inst.tickSize);
  console.log(
    inst.root,
    'mean range',
    rng / bars.length,
    'min',
    Math.min(...px),
    'max',
    Math.max(...px),
    'end',
    px.at(-1),
    'vol',
    bars[100].volume,
  );
  for (let e = 60; e < bars.length - 300; e += 17) {
    const f = buildFeatures(bars.slice(e + 1 - 60, e + 1), { tickSize: inst.tickSize, rows: 32, names: FEATURE_NAMES });
    if (!f.ok) throw new Error(JSON.stringify(f.error));
    const req: any = {
      symbol: inst.symbol,
      asOf: new Date(bars[e].closeAt).toISOString(),
      features: { names: f.value.names, data: f.value.data },
    };
    const l = memberChances(LSTM_MEMBER, req, seed)!;
    const en = meanChances(
      ENSEMBLE_MEMBERS.map((mm) => ({ weight: mm.weight, chances: memberChances(mm, req, seed)! })),
    );
    const dir = (c: any) => (c.long > c.short ? 1 : -1) as 1 | -1;
    asks++;
    const dl = dir(l),
      de = dir(en);
    const cl = Math.max(l.long, l.short),
      ce = Math.max(en.long, en.short);
    const wl = planWins(bars, e, dl),
      we = planWins(bars, e, de);
    if (wl === null || we === null) continue;
    add('lstm ' + Math.floor(cl * 20) / 20, cl, wl);
    add('ens ' + Math.floor(ce * 20) / 20, ce, we);
    if (dl !== de) continue;
    agree++;
    const c = 0.4 * cl + 0.6 * ce;
    add('comb ' + Math.floor(c * 20) / 20, c, wl);
    if (c >= 0.6) {
      gate++;
      add('GATE', c, wl);
      add('gate ' + inst.root, c, wl);
    }
  }
}
console.log('asks', asks, 'agree', agree / asks, 'gate', gate / asks);
for (const [k, [n, c, w]] of [...bins].sort()) console.log(k.padEnd(14), n, (c / n).toFixed(3), (w / n).toFixed(3));
