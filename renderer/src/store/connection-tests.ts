import { create } from 'zustand';
import type { ConnectionsView } from '#shared/contract/connections-operations.ts';
import type { PayloadOf } from '#shared/contract/index.ts';
import type { ConnectionStep } from '#shared/domain/connection-test.ts';
import { deskClient } from '#renderer/src/api/client.ts';
import { failureText, run } from './actions.ts';
import { createReading } from './reading.ts';

export type ConfiguredProfile = 'paper' | 'live';

/** A profile's configuration and secrets; null: of the profile this desk runs, or of paper where that has none. */
export const connectionsReading = createReading<ConfiguredProfile | null, ConnectionsView>((profile) =>
  deskClient().call('connections.list', profile === null ? {} : { profile }),
);

/** What is tested: what this desk runs with, or a saved file. */
export type TestScope = 'running' | 'file';
export type TestRun = {
  readonly scope: TestScope;
  /** The one connection tested; null: all of them. */
  readonly only: string | null;
  readonly isRunning: boolean;
  /** Steps by connection, as they end. */
  readonly steps: Readonly<Record<string, readonly ConnectionStep[]>>;
  /** Why the test itself could not be made; null when it was. */
  readonly failure: string | null;
};

export const useConnectionTest = create<{ readonly run: TestRun | null }>()(() => ({ run: null }));

/** Takes a step in as it ends; those of a test that another window asked for are not ours. */
export function noteTestStep({ id, step }: PayloadOf<'connections.tested'>): void {
  useConnectionTest.setState(({ run: current }) => {
    if (current?.isRunning !== true || (current.only !== null && current.only !== id)) return {};
    return { run: { ...current, steps: { ...current.steps, [id]: [...(current.steps[id] ?? []), step] } } };
  });
}

type Asked = { readonly scope: TestScope; readonly only: string | null; readonly config?: ConnectionsView['config'] };

/** Tests connections, one at a time or all of them. Nothing is saved, and nothing is sent but questions. */
export async function testConnections({ scope, only, config = null }: Asked): Promise<void> {
  if (useConnectionTest.getState().run?.isRunning === true) return;
  useConnectionTest.setState({ run: { scope, only, isRunning: true, steps: {}, failure: null } });
  const end = (change: Partial<TestRun>): void =>
    useConnectionTest.setState(({ run: current }) =>
      current === null ? {} : { run: { ...current, ...change, isRunning: false } },
    );
  try {
    const { reports } = await deskClient().call('connections.test', {
      ...(config === null ? {} : { config }),
      ...(only === null ? {} : { only }),
    });
    end({ steps: Object.fromEntries(reports.map(({ id, steps }) => [id, steps])) });
  } catch (cause) {
    end({ failure: failureText(cause) });
  }
}

type Kept = { readonly profile: ConfiguredProfile; readonly name: string };
export const secretTarget = ({ profile, name }: Kept): string => `secret:${profile}:${name}`;

/** Hands a secret to the desk, which never tells it again. */
export const setSecret = (kept: Kept, secret: string, place: ConnectionsView['places'][number]): Promise<boolean> =>
  run(
    secretTarget(kept),
    () => deskClient().call('secret.set', { ...kept, secret, place }),
    () => connectionsReading.refresh(),
  );

/** Has the desk forget a secret. */
export const forgetSecret = (kept: Kept): Promise<boolean> =>
  run(
    secretTarget(kept),
    () => deskClient().call('secret.forget', kept),
    () => connectionsReading.refresh(),
  );
