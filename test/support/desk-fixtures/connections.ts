import type { SecretView } from '#shared/contract/connections-operations.ts';
import type { Handlers, OutputOf } from '#shared/contract/index.ts';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import type { ConnectionOperation } from '#desk/connections/connection-handlers.ts';
import { connectionsJsonSchema } from '#desk/profiles/connections-config.ts';

const PLACES = ['session'] as const;

/** Connections of a desk in memory: what is saved and set is kept, and every test goes well. */
export function connectionOperations(snapshot: () => DeskSnapshot): Pick<Handlers, ConnectionOperation> {
  const secrets = new Map<string, SecretView>();
  let config: OutputOf<'connections.list'>['config'] = null;
  const view = () => ({ secrets: [...secrets.values()], places: [...PLACES] });
  return {
    'connections.list': ({ profile = 'paper' }) => ({
      ...{ profile, path: `/tmp/profiles/${profile}/connections.json`, config, problem: null },
      ...{ isRestartNeeded: config !== null, connections: snapshot().connections, ...view() },
      capabilities: { venue: 'paper', brackets: 'native', replace: true, provesAbsence: true, warning: null },
    }),
    'connections.schema': () => connectionsJsonSchema(),
    'connections.test': () => ({
      ok: true,
      reports: snapshot().connections.map(({ id, kind, name }) => ({
        ...{ id, kind, name, ok: true },
        steps: [{ name: 'connect', ok: true, detail: 'connected', ms: 3, remedy: null }],
      })),
    }),
    'connections.save': ({ config: sent }) => {
      config = sent;
      return { path: '/tmp/profiles/paper/connections.json', kept: null };
    },
    'secret.set': ({ name }) => {
      secrets.set(name, { name, isSet: true, source: 'session' });
      return view();
    },
    'secret.forget': ({ name }) => {
      secrets.delete(name);
      return view();
    },
  };
}
