import { copyFileSync, existsSync } from 'node:fs';
import { DeskError } from '#shared/contract/errors.ts';
import type { ConnectionsView } from '#shared/contract/connections-operations.ts';
import type { Handlers, OperationName, Publish } from '#shared/contract/index.ts';
import type { Connection } from '#shared/domain/status.ts';
import type { Broker } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import {
  connectionsJsonSchema,
  parseConnections,
  readConnections,
  secretNamesOf,
  type ConnectionsConfig,
} from '#desk/profiles/connections-config.ts';
import type { testConnections } from './connection-tests.ts';
import { writeOwnerFile } from './secret-file.ts';
import type { SecretStore } from './secrets.ts';
import type { RunningTest } from './simulation-tests.ts';

type Prefixed<P extends string> = Extract<OperationName, `${P}.${string}`>;
export type ConnectionOperation = Prefixed<'connections'> | Prefixed<'secret'>;

type ConfiguredProfile = 'paper' | 'live';

export type ConnectionHandlerParts = {
  /** The profile this desk runs. */
  readonly profile: string;
  /** What it runs with; null in the simulation. */
  readonly running: ConnectionsConfig | null;
  /** Tests what the simulation runs with. */
  readonly testSimulation: RunningTest;
  readonly pathOf: (profile: ConfiguredProfile) => string;
  readonly secretsOf: (profile: ConfiguredProfile) => SecretStore;
  readonly connections: () => readonly Connection[];
  readonly broker: Pick<Broker, 'venue' | 'capabilities'>;
  readonly clock: Clock;
  readonly publish: Publish;
  /** Aborted when the desk closes. */
  readonly signal: AbortSignal;
};

const EMULATED =
  'This broker holds no brackets: the desk sends stop and target itself, and they die with this computer.';
const PAPER = 'The paper broker is part of this program: its orders die with this computer.';

function capabilitiesOf({ venue, capabilities }: ConnectionHandlerParts['broker']): ConnectionsView['capabilities'] {
  const warning = venue === 'paper' ? PAPER : capabilities.brackets === 'emulated' ? EMULATED : null;
  const { brackets, replace, absence } = capabilities;
  return { venue, brackets, replace, provesAbsence: absence !== null, warning };
}

const asJson = (config: ConnectionsConfig): NonNullable<ConnectionsView['config']> =>
  JSON.parse(JSON.stringify(config)) as NonNullable<ConnectionsView['config']>;

/** Returns the operations on connections and secrets. Secrets come in here, and only their names go out. */
export function createConnectionHandlers(parts: ConnectionHandlerParts): Pick<Handlers, ConnectionOperation> {
  const { clock, publish } = parts;
  const year = (): number => new Date(clock.now()).getUTCFullYear();
  const own: ConfiguredProfile = parts.profile === 'live' ? 'live' : 'paper';

  const parsed = (config: unknown): ConnectionsConfig => {
    const result = parseConnections('(sent)', JSON.stringify(config), year());
    if (result.ok) return result.value;
    const { field, value, remedy } = result.error;
    throw new DeskError({ code: 'invalid-input', message: 'the configuration has an error', field, value, remedy });
  };
  const secretsView = (profile: ConfiguredProfile): Pick<ConnectionsView, 'secrets' | 'places'> => {
    const read = readConnections(parts.pathOf(profile), year());
    const names = read?.ok === true ? secretNamesOf(read.value) : [];
    const store = parts.secretsOf(profile);
    return { secrets: [...store.list(names)], places: [...store.places()] };
  };
  let testing = false;

  return {
    'connections.list': ({ profile = own }) => {
      const path = parts.pathOf(profile);
      const read = readConnections(path, year());
      const config = read?.ok === true ? read.value : null;
      const isOwn = profile === parts.profile;
      return {
        ...{ profile, path, config: config === null ? null : asJson(config) },
        problem:
          read === null || read.ok
            ? null
            : { field: read.error.field, value: read.error.value, remedy: read.error.remedy },
        isRestartNeeded: isOwn && JSON.stringify(config) !== JSON.stringify(parts.running),
        connections: [...parts.connections()],
        ...secretsView(profile),
        capabilities: capabilitiesOf(parts.broker),
      };
    },
    'connections.schema': () => connectionsJsonSchema(),
    'connections.test': async ({ config: sent, only }) => {
      const config = sent === undefined ? parts.running : parsed(sent);
      if (testing)
        throw new DeskError({ code: 'refused', message: 'a test is under way', remedy: 'wait until it has ended' });
      testing = true;
      try {
        const onStep: Parameters<typeof testConnections>[0]['onStep'] = (id, step) =>
          publish('connections.tested', { id, step });
        const asked = { signal: parts.signal, onStep, only };
        const test = async () => {
          if (config === null) return parts.testSimulation(asked);
          const tests = await import('./connection-tests.ts');
          return tests.testConnections({ ...asked, config, secrets: parts.secretsOf(config.profile) });
        };
        const { ok, reports } = await test();
        return { ok, reports: [...reports] };
      } finally {
        testing = false;
      }
    },
    'connections.save': ({ config: sent }) => {
      const config = parsed(sent);
      const path = parts.pathOf(config.profile);
      const kept = existsSync(path) ? path.replace(/(\.json)?$/, '.previous.json') : null;
      if (kept !== null) copyFileSync(path, kept);
      writeOwnerFile(path, `${JSON.stringify(sent, null, 2)}\n`);
      return { path, kept };
    },
    'secret.set': async ({ profile = own, name, secret, place }) => {
      await parts.secretsOf(profile).set(name, secret, place);
      return secretsView(profile);
    },
    'secret.forget': ({ profile = own, name }) => {
      parts.secretsOf(profile).forget(name);
      return secretsView(profile);
    },
  };
}
