import type { ConnectionReport, ConnectionStep } from '#shared/domain/connection-test.ts';
import type { SecretView } from '#shared/contract/connections-operations.ts';
import { epochMs } from '#shared/units.ts';
import { connectionsJsonSchema } from '#desk/profiles/connections-config.ts';
import { connectionsAt, type ProfileName } from '#desk/profiles/profile-plan.ts';
import { secretNamesOf } from '#desk/profiles/connections-config.ts';
import { createSecretStores } from './secrets.ts';

const now = () => epochMs(Date.now());

/** The profile a connections file is of. Throws DeskError naming the field, its value and the remedy. */
export const profileOfConfig = (path: string): Exclude<ProfileName, 'simulation'> => connectionsAt(path, now()).profile;

/** The JSON Schema of a connections file. */
export const connectionsSchema = connectionsJsonSchema;

/**
 * Connects everything a connections file names, one after the other, looks, and hangs up.
 * Throws DeskError where the file cannot be used; what fails of a connection is a step that says so.
 */
export async function testConnectionsFile(options: {
  readonly path: string;
  readonly dataFolder: string;
  readonly signal: AbortSignal;
  readonly onStep: (id: string, step: ConnectionStep) => void;
}): Promise<{ readonly ok: boolean; readonly reports: readonly ConnectionReport[] }> {
  const config = connectionsAt(options.path, now());
  const secrets = createSecretStores(options.dataFolder, null)(config.profile);
  const { testConnections } = await import('./connection-tests.ts');
  return testConnections({ config, secrets, signal: options.signal, onStep: options.onStep });
}

/** The secrets of a profile for the command line: kept in a file for the owner alone. */
export type SecretTool = {
  list(configPath: string | null): readonly SecretView[];
  set(name: string, secret: string): Promise<SecretView>;
  forget(name: string): SecretView;
};

/** Returns the secrets of a profile, for a program that ends at once. */
export function manageSecrets(dataFolder: string, profile: 'paper' | 'live'): SecretTool {
  const store = createSecretStores(dataFolder, null, true)(profile);
  return {
    list: (path) => store.list(path === null ? [] : secretNamesOf(connectionsAt(path, now()))),
    set: (name, secret) => store.set(name, secret, 'file'),
    forget: (name) => store.forget(name),
  };
}
