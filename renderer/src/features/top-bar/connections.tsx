import { memo } from 'react';
import type { HTMLAttributes, Ref } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Connection } from '#shared/domain/status.ts';
import { durationText } from '#shared/format/numbers.ts';
import {
  CONNECTION_SIGNS,
  connectionAge,
  connectionName,
  connectionText,
  connectionWord,
  latencyText,
} from '#renderer/src/ui/connection-words.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { Tooltip } from '#renderer/src/ui/tooltip.tsx';
import { useClock } from '#renderer/src/store/clock.ts';
import { useConnections, useStatus } from '#renderer/src/store/status.ts';
import css from './top-bar.module.css';

const cls = styler(css);

/** While the desk is out of reach nothing is known of its connections. */
const UNKNOWN = { sign: '○', tone: 'warn' } as const;
const LAST_KNOWN = 'Last known: ';

/** What a tooltip gives the element it stands at. */
type FaceProps = HTMLAttributes<HTMLDivElement> & { readonly ref?: Ref<HTMLDivElement> };

function useConnectionText(id: string): string {
  const isLive = useStatus((s) => s.link === 'live');
  const connection = useConnections((s) => s.byId[id]);
  const now = useClock((s) => s.now);
  if (connection === undefined) return '';
  return `${isLive ? '' : LAST_KNOWN}${connectionText(connection, now)}`;
}

const ConnectionWords = ({ id }: { readonly id: string }) => useConnectionText(id);

function ConnectionFace({ id, ...face }: FaceProps & { readonly id: string }) {
  const isLive = useStatus((s) => s.link === 'live');
  const connection = useConnections((s) => s.byId[id]);
  const now = useClock((s) => s.now);
  const text = useConnectionText(id);
  if (connection === undefined) return null;
  const { sign, tone } = isLive ? CONNECTION_SIGNS[connection.state] : UNKNOWN;
  return (
    <div {...face} className={cls('cell', 'connection')} tabIndex={0} role="img" aria-label={text}>
      <span className={cls('label')}>{connectionName(connection)}</span>
      <span className={cls('reading')}>
        <span className={cls('sign', tone)}>{sign}</span>{' '}
        <span className={cls('age')}>{connectionAge(connection, now)}</span>
        {connection.latencyMs !== null && <> · {latencyText(connection.latencyMs)}</>}
      </span>
    </div>
  );
}

/** Figures and words change with every message; the tooltip around them does not. */
const ConnectionCell = memo(function ConnectionCell({ id }: { readonly id: string }) {
  return (
    <Tooltip text={<ConnectionWords id={id} />}>
      <ConnectionFace id={id} />
    </Tooltip>
  );
});

function collapsedText(worst: Connection | undefined, oldestMs: number | null): string {
  if (worst !== undefined) return `${connectionName(worst)} ${connectionWord(worst)}`;
  return `oldest ${durationText(oldestMs)}`;
}

function useCollapsed() {
  const connections = useConnections(useShallow((s) => s.ids.map((id) => s.byId[id])));
  const now = useClock((s) => s.now);
  const isLive = useStatus((s) => s.link === 'live');
  const known = connections.filter((c) => c !== undefined);
  return {
    known,
    now,
    isLive,
    text: `${isLive ? '' : LAST_KNOWN}${known.map((c) => connectionText(c, now)).join('. ')}`,
  };
}

const CollapsedWords = () => useCollapsed().text;

function CollapsedFace(face: FaceProps) {
  const { known, now, isLive, text } = useCollapsed();
  const live = known.filter((c) => c.state === 'live').length;
  const worst = known.find((c) => c.state === 'disconnected') ?? known.find((c) => c.state !== 'live');
  const { sign, tone } = isLive ? CONNECTION_SIGNS[worst?.state ?? 'live'] : UNKNOWN;
  const oldest = known.reduce<number | null>(
    (least, c) => (c.lastAt === null ? least : Math.min(least ?? c.lastAt, c.lastAt)),
    null,
  );
  return (
    <div {...face} className={cls('cell', 'collapsed')} tabIndex={0} role="img" aria-label={text}>
      <span className={cls('label')}>{isLive ? `${live} of ${known.length} connected` : 'Connections'}</span>
      <span className={cls('reading')}>
        <span className={cls('sign', tone)}>{sign}</span>{' '}
        {isLive ? collapsedText(worst, oldest === null ? null : now - oldest) : 'last known'}
      </span>
    </div>
  );
}

/** All connections in one cell, for narrow windows: how many live, and the oldest message. */
const CollapsedCell = memo(function CollapsedCell() {
  return (
    <Tooltip text={<CollapsedWords />}>
      <CollapsedFace />
    </Tooltip>
  );
});

/** Age and latency of each connection; one cell when the window is narrow. */
export function Connections() {
  const ids = useConnections((s) => s.ids);
  const isLive = useStatus((s) => s.link === 'live');
  if (ids.length === 0) return <div className={cls('connections')} />;
  return (
    <div className={cls('connections', !isLive && 'lost')} role="group" aria-label="Connections">
      {ids.map((id) => (
        <ConnectionCell key={id} id={id} />
      ))}
      <CollapsedCell />
    </div>
  );
}
