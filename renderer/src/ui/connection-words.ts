import { modelNames } from '#shared/wording/index.ts';
import type { Connection } from '#shared/domain/status.ts';
import { durationText, percentText } from '#shared/format/numbers.ts';
import { sentence } from './words.ts';

/** How a state of a connection is drawn and said. */
export const CONNECTION_SIGNS = {
  live: { sign: '●', word: 'connected', tone: 'gain' },
  syncing: { sign: '○', word: 'reading its state', tone: 'warn' },
  connecting: { sign: '○', word: 'connecting', tone: 'warn' },
  degraded: { sign: '○', word: 'stale', tone: 'warn' },
  disconnected: { sign: '✕', word: 'down', tone: 'loss' },
} as const satisfies Record<Connection['state'], unknown>;

/** The state in a word: prices grow stale, a broker or a model that answers is not as it should be. */
export const connectionWord = ({ kind, state }: Pick<Connection, 'kind' | 'state'>): string =>
  state === 'degraded' && kind !== 'market' ? 'degraded' : CONNECTION_SIGNS[state].word;

/** Models are known to the desk by their id. */
export const connectionName = ({ kind, name }: Pick<Connection, 'kind' | 'name'>): string =>
  kind === 'model' ? sentence(modelNames(name)) : name;

export const latencyText = (ms: number | null): string => (ms === null ? '—' : `${Math.round(ms)} ms`);

/** Time since the last message. @param now the desk's time, epoch ms */
export const connectionAge = ({ lastAt }: Connection, now: number): string =>
  lastAt === null ? '—' : durationText(now - lastAt);

/** A connection in one sentence, for the tooltip and the ear. @param now the desk's time, epoch ms */
export function connectionText(connection: Connection, now: number): string {
  const uptime = connection.uptime === null ? '' : `, up ${percentText(connection.uptime)} of the time`;
  const detail = connection.detail === null ? '' : `. ${connection.detail}`;
  return `${connectionName(connection)} ${connectionWord(connection)}, last message ${connectionAge(connection, now)} ago, latency ${latencyText(connection.latencyMs)}${uptime}${detail}`;
}
