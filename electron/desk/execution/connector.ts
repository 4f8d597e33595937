import { type Connector, keepConnected } from '#desk/connections/keep-connected.ts';
import type { ExecutionContext } from './context.ts';

export type { Connector } from '#desk/connections/keep-connected.ts';

/** Returns the connector of one broker. */
export const createConnector = ({ broker, clock, ids, notices, admit }: ExecutionContext): Connector =>
  keepConnected({
    ...{ link: broker, clock, ids, notices, admit },
    notice: {
      id: 'broker-connection',
      title: 'The broker cannot be reached; no entries',
      remedy: 'The desk goes on trying. Orders at the broker work without it; stops that this desk sends do not.',
    },
  });
