import { useEffect } from 'react';
import type { ConnectionsView } from '#shared/contract/connections-operations.ts';
import type { Connection } from '#shared/domain/status.ts';
import { percentText } from '#shared/format/numbers.ts';
import { useClock } from '#renderer/src/store/clock.ts';
import { connectionsReading, testConnections, useConnectionTest } from '#renderer/src/store/connection-tests.ts';
import { useConnections, useStatus } from '#renderer/src/store/status.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import {
  CONNECTION_SIGNS,
  connectionAge,
  connectionName,
  connectionWord,
  latencyText,
} from '#renderer/src/ui/connection-words.ts';
import { Skeleton, Strip } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { ConnectionConfig } from './connection-config.tsx';
import { ConnectionReport } from './connection-report.tsx';
import shared from './settings.module.css';
import css from './connections.module.css';

const cls = styler({ ...shared, ...css });

type Capabilities = ConnectionsView['capabilities'];

const brokerText = ({ brackets, replace, provesAbsence }: Capabilities): string =>
  [
    brackets === 'native' ? 'Holds stop and target itself.' : 'This desk sends stop and target.',
    replace ? 'Moves a working order in its place.' : 'An order is moved by cancelling it and sending another.',
    provesAbsence
      ? 'Can prove that an order never arrived.'
      : 'Cannot prove that an order never arrived: such an order is asked of you.',
  ].join(' ');

/** What a connection does for the desk, in words. */
function doesText({ kind }: Connection, capabilities: Capabilities): string {
  if (kind === 'model') return 'Says direction and confidence of each instrument when a bar closes.';
  if (kind === 'market') return 'Tells prices; bars, sizes and stops are made of them.';
  return brokerText(capabilities);
}

function Row({ id, capabilities }: { readonly id: string; readonly capabilities: Capabilities }) {
  const connection = useConnections((s) => s.byId[id]);
  const now = useClock((s) => s.now);
  const test = useConnectionTest((s) => (s.run?.scope === 'running' ? s.run : null));
  const isBusy = useConnectionTest((s) => s.run?.isRunning === true);
  const isLive = useStatus((s) => s.link === 'live');
  if (connection === undefined) return null;
  const { sign, tone } = CONNECTION_SIGNS[connection.state];
  const word = connectionWord(connection);
  const name = connectionName(connection);
  const steps = test?.steps[id];
  const isTested = test !== null && (steps !== undefined || test.only === id);
  return (
    <li className={cls('connection')} aria-label={name}>
      <div className={cls('standing')}>
        <strong>{name}</strong>
        <span>
          <span className={cls(tone)} aria-hidden="true">
            {sign}
          </span>{' '}
          {word}
        </span>
        <span className={cls('figure')}>last message {connectionAge(connection, now)} ago</span>
        <span className={cls('figure')}>latency {latencyText(connection.latencyMs)}</span>
        <span className={cls('figure')}>
          {connection.uptime === null ? 'uptime not known yet' : `up ${percentText(connection.uptime)}`}
        </span>
        <Button
          size="small"
          aria-label={`Test ${name}`}
          aria-disabled={isBusy || !isLive}
          onClick={() => void testConnections({ scope: 'running', only: id })}
        >
          Test
        </Button>
      </div>
      <p className={cls('soft')}>
        {doesText(connection, capabilities)}
        {connection.kind === 'broker' && capabilities.warning !== null && (
          <span className={cls('warned')}> {capabilities.warning}</span>
        )}
      </p>
      {connection.detail !== null && <p className={cls(tone === 'gain' ? 'soft' : 'error')}>{connection.detail}</p>}
      {isTested && (
        <ConnectionReport name={name} steps={steps ?? []} isRunning={test.isRunning && test.only !== null} />
      )}
    </li>
  );
}

function Standing({ view }: { readonly view: ConnectionsView }) {
  const ids = useConnections((s) => s.ids);
  const run = useConnectionTest((s) => (s.run?.scope === 'running' ? s.run : null));
  const isBusy = useConnectionTest((s) => s.run?.isRunning === true);
  const isLive = useStatus((s) => s.link === 'live');
  return (
    <>
      <ul className={cls('connections')} aria-label="Connections of this desk">
        {ids.map((id) => (
          <Row key={id} id={id} capabilities={view.capabilities} />
        ))}
      </ul>
      <div className={cls('line')}>
        <Button
          aria-disabled={isBusy || !isLive}
          onClick={() => void testConnections({ scope: 'running', only: null })}
        >
          {run?.isRunning === true && run.only === null ? 'Testing all …' : 'Test all'}
        </Button>
        <span className={cls('soft')}>A test asks and looks. Nothing is sent to a market, and nothing is saved.</span>
      </div>
      {run?.failure != null && (
        <p role="alert" className={cls('error')}>
          {run.failure}
        </p>
      )}
    </>
  );
}

/** Each connection: how it stands, what it does, a test of it; and where they are configured. */
export function ConnectionsSection() {
  const { value, failure } = connectionsReading.use();
  const isLive = useStatus((s) => s.link === 'live');
  useEffect(() => {
    if (!isLive) return;
    connectionsReading.show(null);
    connectionsReading.refresh();
  }, [isLive]);
  if (value === null) {
    if (failure === null) return <Skeleton rows={6} text="Reading the connections" />;
    return (
      <Strip
        tone="loss"
        title="The connections could not be read."
        action={
          <Button size="small" onClick={() => connectionsReading.refresh()}>
            Try again
          </Button>
        }
      >
        {failure} What is connected stays connected.
      </Strip>
    );
  }
  return (
    <div className={cls('form', 'wide')}>
      <Standing view={value} />
      <ConnectionConfig view={value} />
    </div>
  );
}
