import { DeskError } from '#shared/contract/errors.ts';
import { countedText } from '#shared/wording/names.ts';
import { readConnections, secretNamesOf, type ConnectionsConfig } from '#desk/profiles/connections-config.ts';
import { connectionsPath } from '#desk/profiles/profile-plan.ts';
import type { Finding } from '#desk/records/inspect-profile.ts';
import { createSecretStores } from './secrets.ts';

const COMMAND = 'npm run desk -- connections';

function secretsFinding(dataFolder: string, profile: 'paper' | 'live', config: ConnectionsConfig): Finding {
  const check = 'Secrets';
  try {
    const needed = createSecretStores(dataFolder, null)(profile).list(secretNamesOf(config));
    const names = new Set<string>(secretNamesOf(config));
    const missing = needed.filter(({ name, isSet }) => names.has(name) && !isSet).map(({ name }) => name);
    if (missing.length === 0) {
      const detail = names.size === 0 ? 'none is needed' : `${countedText(names.size, 'secret')} set`;
      return { check, state: 'ok', detail, remedy: null };
    }
    const remedy = `${COMMAND} secret set ${missing[0] ?? ''} --profile ${profile}, or set them in the desk for one session.`;
    return { check, state: 'fail', detail: `not set: ${missing.join(', ')}`, remedy };
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    return { check, state: 'fail', detail: error.data.message, remedy: error.data.remedy };
  }
}

/**
 * Looks at what a profile connects to without connecting: whether its file can be used, and its secrets are set. The
 * simulation has no connections. Never shows a secret.
 */
export function inspectConnections(dataFolder: string, profile: string): readonly Finding[] {
  if (profile !== 'paper' && profile !== 'live') return [];
  const check = 'Connections';
  const path = connectionsPath(dataFolder, profile);
  const read = readConnections(path, new Date().getUTCFullYear());
  if (read === null) {
    const remedy = `Write one (${COMMAND} test --schema shows its form), or use the simulation.`;
    return [{ check, state: 'warn', detail: `there is no ${path}`, remedy }];
  }
  if (!read.ok) {
    const { field, value, remedy } = read.error;
    return [{ check, state: 'fail', detail: `${path}: ${field} is ${value}`, remedy }];
  }
  const config = read.value;
  if (config.profile !== profile) {
    const detail = `${path}: profile is ${config.profile}`;
    return [{ check, state: 'fail', detail, remedy: `Move it to the profile ${config.profile}, or correct it.` }];
  }
  const kinds = [config.broker.kind, ...config.marketData.map(({ kind }) => kind)].join(', ');
  const detail = `${path}: ${kinds}; doctor --connections tries them`;
  return [{ check, state: 'ok', detail, remedy: null }, secretsFinding(dataFolder, profile, config)];
}
