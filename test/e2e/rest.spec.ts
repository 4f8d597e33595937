import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDesk, type RunningDesk } from '#test/support/running-desk.ts';

describe('REST as the specification names it', () => {
  let running: RunningDesk;
  beforeAll(async () => {
    running = await startDesk();
  });
  afterAll(() => running.close());

  const get = (path: string, token: string | null = running.shell.token) =>
    fetch(`${running.shell.origin}${path}`, token === null ? {} : { headers: { authorization: `Bearer ${token}` } });

  it.each([
    '/api/kelly/current-positions',
    '/api/kelly/performance-history',
    '/api/kelly/risk-metrics',
    '/api/openapi.json',
  ])('refuses %s without a token and with a wrong one', async (path) => {
    expect((await get(path, null)).status).toBe(401);
    expect((await get(path, 'x'.repeat(43))).status).toBe(401);
  });

  it('lists a row per symbol with every field of the specification', async () => {
    const response = await get('/api/kelly/current-positions');
    expect(response.status).toBe(200);
    const rows = (await response.json()) as Record<string, unknown>[];
    expect(rows).toHaveLength(6);
    for (const row of rows) {
      for (const field of [
        'symbol',
        'kelly_fraction',
        'position_size',
        'confidence',
        'win_probability',
        'win_loss_ratio',
        'risk_adjusted',
        'max_capital_risk',
        'reasoning',
      ]) {
        expect(row).toHaveProperty(field);
      }
      expect(String(row['reasoning']).length).toBeGreaterThan(10);
    }
    const sized = rows.find((row) => row['status'] === 'proposed');
    expect(sized?.['kelly_fraction']).toBeGreaterThan(0);
    expect(sized?.['max_capital_risk']).toBeLessThanOrEqual(0.05);
  });

  it('gives history and risk as numbers that are finite or null', async () => {
    const history = (await (await get('/api/kelly/performance-history')).json()) as {
      points: unknown[];
      trades: { trades: number };
    };
    expect(history.points.length).toBeGreaterThan(10);
    expect(history.trades.trades).toBeGreaterThan(5);
    const text = await (await get('/api/kelly/risk-metrics')).text();
    expect(text).not.toMatch(/NaN|Infinity/);
    expect(JSON.parse(text)).toMatchObject({ risk: { tradingState: 'active' } });
  });

  it('is read-only: no other method does anything', async () => {
    const before = (await running.desk.handlers['desk.snapshot']({})).journal.trades;
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const response = await fetch(`${running.shell.origin}/api/kelly/risk-metrics`, {
        method,
        headers: { authorization: `Bearer ${running.shell.token}`, 'content-type': 'application/json' },
        body: '{}',
      });
      expect(response.status).toBeGreaterThanOrEqual(400);
    }
    expect((await running.desk.handlers['desk.snapshot']({})).journal.trades).toBe(before);
  });
});
