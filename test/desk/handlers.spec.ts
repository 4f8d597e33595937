import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { contract, type InputOf, type OperationName, type OutputOf } from '#shared/contract/index.ts';
import { openDesk, type Desk } from '#desk/desk.ts';
import { serve } from '#desk/serve.ts';

const SPECIFIED = [
  'symbol',
  'kelly_fraction',
  'position_size',
  'confidence',
  'win_probability',
  'win_loss_ratio',
  'risk_adjusted',
  'max_capital_risk',
  'reasoning',
] as const;

/** Paths at which a value holds a number that is not one. */
function badNumbers(value: unknown, path = ''): readonly string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} = ${value}`];
  if (value === undefined) return [`${path} is undefined`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => badNumbers(inner, `${path}.${key}`));
}

describe('the operations of a running desk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kelly-desk-'));
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk({ dataFolder: folder, profile: 'simulation', warmUpSessions: 12 });
    const early = await serve(desk.handlers, 'recommendation.approve', { id: 'x', contracts: 1 });
    expect(early).toMatchObject({ ok: false, error: { code: 'not-ready' } });
    await desk.ready();
    // Live decisions have come when there are quotes and a recommendation of every market.
    await vi.waitFor(
      async () => {
        const { quotes, recommendations } = await desk.handlers['desk.snapshot']({});
        expect([quotes.length, recommendations.length]).toEqual([6, 6]);
      },
      { timeout: 20_000, interval: 50 },
    );
  }, 60_000);
  afterAll(async () => {
    await desk.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = async <N extends OperationName>(op: N, input: InputOf<N>): Promise<OutputOf<N>> => {
    const reply = await serve(desk.handlers, op, input);
    if (!reply.ok) throw new Error(`${op}: ${JSON.stringify(reply.error)}`);
    // What crosses a wire is JSON: it must come out as it went in.
    expect(JSON.parse(JSON.stringify(reply.output))).toEqual(reply.output);
    expect(badNumbers(reply.output)).toEqual([]);
    return contract[op].output.parse(reply.output) as OutputOf<N>;
  };

  it('answer every query by the contract', async () => {
    const snapshot = await ask('desk.snapshot', {});
    const [recommendation] = snapshot.recommendations;
    const symbol = snapshot.instruments[0]?.symbol ?? '';
    const { recommendations } = await ask('journal.decisions', { limit: 1000, offset: 0 });
    const planned = recommendations.find((r) => r.entry !== null);
    const inputs: { readonly [N in OperationName]?: InputOf<N> } = {
      'positions.current': {},
      'performance.history': {},
      'performance.rolling': { window: 20 },
      'performance.months': {},
      'risk.metrics': {},
      'chart.bars': { symbol, limit: 500 },
      'recommendation.get': { id: recommendation?.id ?? '' },
      'recommendation.preview': { id: planned?.id ?? '', assume: { winProbability: 0.7 } },
      'journal.trades': { limit: 100, offset: 0 },
      'journal.summary': {},
      'journal.calendar': {},
      'journal.labels': {},
      'journal.search': { text: 'size', limit: 10 },
      'journal.annotation': { subject: { kind: 'recommendation', id: recommendation?.id ?? '' } },
      'journal.accounts': {},
      'journal.imports': {},
      'journal.mappings': {},
      'execution.state': {},
      'models.report': {},
      'models.versions': {},
      'models.calibrationPreview': {},
      'connections.list': {},
      'connections.schema': {},
      'settings.read': {},
      'settings.preview': { set: { maxContracts: 2 } },
      'instruments.list': {},
      'backups.list': {},
    };
    for (const [op, input] of Object.entries(inputs)) await ask(op as OperationName, input as never);
    const queries = Object.entries(contract).filter(([, entry]) => entry.kind === 'query');
    // Those that need a file to be handed over first are asked where files are.
    const elsewhere = [
      'journal.importPreview',
      'journal.attachment',
      'download.read',
      'sizing.decide',
      'backups.check',
    ];
    // Those of a room with a spec of its own are asked there.
    const rooms = /^(backtest|recovery)\./;
    const asked = new Set([...Object.keys(inputs), 'desk.snapshot', 'journal.decisions', ...elsewhere]);
    expect(queries.map(([name]) => name).filter((name) => !asked.has(name) && !rooms.test(name))).toEqual([]);
    for (const one of recommendations.slice(0, 50)) await ask('recommendation.get', { id: one.id });
  });

  it('halt, close everything in a second step, and arm again after a clean comparison', async () => {
    const early = await serve(desk.handlers, 'trading.flattenAll', { reason: 'too soon' });
    expect(early).toMatchObject({ ok: false, error: { code: 'refused' } });
    expect(await ask('trading.halt', { reason: 'enough' })).toMatchObject({ tradingState: 'halted' });
    const step = async (wanted: string): Promise<void> =>
      vi.waitFor(async () => expect((await ask('execution.state', {})).kill.step).toBe(wanted), { timeout: 20_000 });
    await step('cancelled');
    await ask('trading.flattenAll', { reason: 'out' });
    await step('flat');
    const { positions, orders } = await ask('desk.snapshot', {});
    expect(positions).toEqual([]);
    expect(orders.filter((o) => !['filled', 'canceled', 'expired', 'rejected', 'denied'].includes(o.life))).toEqual([]);
    expect(await ask('reconciliation.run', {})).toMatchObject({ reconciliation: { state: 'clean', differences: [] } });
    await vi.waitFor(async () => ask('trading.resume', { reason: 'again' }), { timeout: 20_000, interval: 500 });
    expect((await ask('execution.state', {})).kill.step).toBe('idle');
  }, 60_000);

  it('refuse what is not there by name', async () => {
    for (const [op, input, field] of [
      ['recommendation.get', { id: 'nobody' }, 'id'],
      ['recommendation.preview', { id: 'nobody' }, 'id'],
      ['chart.bars', { symbol: 'XYZ', limit: 5 }, 'symbol'],
      ['position.flatten', { symbol: 'XYZ' }, 'symbol'],
      ['order.cancel', { clientOrderId: 'D1-X' }, 'clientOrderId'],
      ['order.query', { clientOrderId: 'D1-X' }, 'clientOrderId'],
      ['order.settle', { clientOrderId: 'D1-X', as: 'canceled', reason: 'x' }, 'clientOrderId'],
      ['order.replace', { clientOrderId: 'D1-X', price: 1 }, 'clientOrderId'],
      ['position.protect', { symbol: 'XYZ', stop: 1 }, 'symbol'],
      ['reconciliation.resolve', { differenceId: 'x', choice: 'ignore', reason: 'x' }, 'differenceId'],
    ] as const) {
      const reply = await serve(desk.handlers, op, input);
      expect(reply).toMatchObject({ ok: false, error: { code: 'not-found', field } });
    }
  });

  it('tell the snapshot of a living desk', async () => {
    const snapshot = await ask('desk.snapshot', {});
    expect(snapshot.startup.phase).toBe('ready');
    expect(snapshot.instruments).toHaveLength(6);
    expect(snapshot.quotes.length).toBe(6);
    expect(snapshot.recommendations).toHaveLength(6);
    expect(snapshot.connections.map((c) => c.kind).sort()).toEqual(['broker', 'market', 'model', 'model']);
    expect(snapshot.activity.length).toBeGreaterThan(0);
    expect(snapshot.notices).toEqual([]);
    expect(snapshot.risk.realisedEquity + snapshot.risk.openPnl).toBe(snapshot.risk.equity);
  });

  it('give the specification its fields, and no size to what holds none', async () => {
    const rows = await ask('positions.current', {});
    expect(rows.length).toBeGreaterThanOrEqual(6);
    for (const row of rows) {
      for (const field of SPECIFIED) expect(row).toHaveProperty(field);
      expect(row.reasoning.length).toBeGreaterThan(3);
      if (row.status === 'blocked') expect(row.position_size).toBe(0);
      if (row.status === 'open') expect(row.position_size).toBe(row.position?.quantity);
    }
  });

  it('keep three books that start equal, the actual one with the sum of the trades', async () => {
    const history = await ask('performance.history', {});
    const { trades, total } = await ask('journal.trades', { limit: 1000, offset: 0 });
    const [start] = history.points;
    const end = history.points.at(-1);
    expect([start?.actual, start?.model, start?.fixed]).toEqual([1_000_000_000, 1_000_000_000, 1_000_000_000]);
    expect(total).toBe(trades.length);
    expect(end?.actual).toBe(1_000_000_000 + trades.reduce((sum, t) => sum + t.net, 0));
    expect(history.books.find((b) => b.book === 'actual')?.endEquity).toBe(end?.actual);
    expect(history.trades.trades).toBe(total);
    expect(history.trades.wins + history.trades.losses + history.trades.scratches).toBe(total);
    expect([...history.points].sort((a, b) => a.at - b.at)).toEqual(history.points);
    // Day by day returns compound to the total return of the book.
    for (const book of history.books) {
      const last = end?.[book.book] ?? 0;
      expect(book.totalReturn).toBeCloseTo(last / 1_000_000_000 - 1, 9);
      expect(book.maxDrawdown).toBeGreaterThanOrEqual(0);
    }
  });

  it('tell the months and the rolling figures of the same trades', async () => {
    const history = await ask('performance.history', {});
    const { trades } = await ask('journal.trades', { limit: 1000, offset: 0 });
    const days = await ask('journal.calendar', {});
    const { total, months, bestDay, worstTrade, days: counts } = await ask('performance.months', {});
    expect(total).toMatchObject({ trades: trades.length, net: trades.reduce((sum, { net }) => sum + net, 0) });
    expect(total.winRate).toEqual(history.trades.winRate);
    expect(months.reduce((sum, { net }) => sum + net, 0)).toBe(total.net);
    expect(bestDay?.net).toBe(Math.max(...days.map(({ net }) => net)));
    expect(worstTrade?.net).toBe(Math.min(...trades.map(({ net }) => net)));
    expect(counts.up + counts.down + counts.flat).toBe(days.length);
    const { window, whole, points } = await ask('performance.rolling', {});
    expect(window).toBe(50);
    expect(whole).toMatchObject({ expectancy: history.trades.expectancy, sqn: history.trades.sqn });
    expect(points).toHaveLength(Math.max(0, trades.length - 49));
    const [first] = (await ask('performance.rolling', { window: 5 })).points;
    const oldest = trades.toSorted((a, b) => a.exitAt - b.exitAt).slice(0, 5);
    expect(first?.expectancy).toBeCloseTo(oldest.reduce((sum, { r }) => sum + (r ?? 0), 0) / 5, 12);
    expect(history.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(trades.length);
  });

  it('keep the books of a part of the past within it', async () => {
    const whole = await ask('performance.history', {});
    const from = whole.points[Math.floor(whole.points.length / 2)]?.at ?? 0;
    const part = await ask('performance.history', { from });
    expect(part.points.every((point) => point.at >= from)).toBe(true);
    const none = await ask('performance.history', { from: 4_000_000_000_000 });
    expect(none).toMatchObject({ points: [], verdict: { standing: null, running: { code: 'insufficient' } } });
  });
});
