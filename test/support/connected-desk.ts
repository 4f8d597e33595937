import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSimulatedModels } from '#desk/adapters/models/simulated/simulated.ts';
import type { ConnectionsConfig } from '#desk/profiles/connections-config.ts';

const MINUTE_MS = 60_000;

/** A CSV of minute bars of a market that drifts up in steps of a quarter, deterministic. */
export function barsCsv(count: number, start = 20_000): string {
  const first = Date.UTC(2026, 0, 15, 14);
  const rows = Array.from({ length: count }, (_, i) => {
    const open = start + i * 0.25 + 8 * Math.round(Math.sin(i / 9));
    const close = open + (i % 3 === 0 ? -1 : 1.25);
    const [high, low] = [Math.max(open, close) + 2, Math.min(open, close) - 2];
    return [new Date(first + i * MINUTE_MS).toISOString(), open, high, low, close, 100 + (i % 13)].join(',');
  });
  return ['time,open,high,low,close,volume', ...rows].join('\n');
}

export type ConnectedFiles = {
  readonly dataFolder: string;
  readonly configPath: string;
  readonly config: Record<string, unknown>;
  readonly close: () => Promise<void>;
};

/** A paper profile on disk: two model services that listen, recorded prices, the paper broker. */
export async function connectedFiles(
  dataFolder: string,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<ConnectedFiles> {
  const models = await startSimulatedModels({ seed: 3 });
  const folder = join(dataFolder, 'profiles', 'paper');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const prices = join(dataFolder, 'nq.csv');
  writeFileSync(prices, barsCsv(700));
  const service = (url: string) => ({ kind: 'desk', url });
  const config = {
    profile: 'paper',
    account: 'PAPER-1',
    equityUsd: 250_000,
    instruments: [{ contract: 'NQ' }],
    models: { lstm: service(models.lstm.url), ensemble: service(models.ensemble.url) },
    broker: { kind: 'paper' },
    marketData: [{ kind: 'replay', files: { NQ: prices } }],
    ...changes,
  } satisfies Record<keyof ConnectionsConfig, unknown>;
  const configPath = join(folder, 'connections.json');
  writeFileSync(configPath, JSON.stringify(config));
  return { dataFolder, configPath, config, close: () => models.close() };
}
