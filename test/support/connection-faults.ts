import { expect } from 'vitest';
import type { Connection } from '#shared/domain/status.ts';
import type { Desk } from '#desk/desk.ts';
import { ask, eventually } from './venue-desk.ts';

/** What goes wrong with one connection, what the desk must show meanwhile, and how it is mended. */
export type ConnectionFault = {
  readonly name: string;
  readonly id: string;
  readonly spoil: () => unknown;
  /** As `connection.changed` tells it, and, where there is something to mend, as the snapshot and `risk-metrics` have it. */
  readonly shows: { readonly state: Connection['state']; readonly detail: RegExp };
  /** Raised beside it, with what the trader can do. */
  readonly notice?: { readonly id: string; readonly title: RegExp; readonly remedy: RegExp };
  /** Left out where the desk is back by itself at once. */
  readonly mend?: () => unknown;
  /** It is told, and the desk tries again at once: what is shown then is the next attempt. */
  readonly isBrief?: boolean;
};

export const BROKER_AWAY = {
  id: 'broker-connection',
  title: /cannot be reached; no entries/,
  remedy: /goes on trying/,
};

/** Every change of a connection the desk tells, from now on. */
export function recorded(desk: Desk): Connection[] {
  const told: Connection[] = [];
  desk.stream.subscribe(null, (event) => {
    if (event.topic === 'connection.changed') told.push(event.payload);
  });
  return told;
}
/** A connection as `risk-metrics` has it. */
export const standing = async (desk: Desk, id: string): Promise<Connection | undefined> => {
  const { connections } = await ask(desk, 'risk.metrics', {});
  return connections.find((one) => one.id === id);
};

/** Lives through one fault. `meanwhile` is what must hold as long as it lasts. */
async function suffer(
  desk: Desk,
  fault: ConnectionFault,
  { told, meanwhile }: { readonly told: Connection[]; readonly meanwhile: (fault: ConnectionFault) => Promise<void> },
): Promise<void> {
  const { id, shows, notice, mend } = fault;
  const isShown = (one: Connection | undefined): boolean =>
    one?.id === id && one.state === shows.state && shows.detail.test(one.detail ?? '');
  told.length = 0;
  await fault.spoil();
  await eventually(async () => {
    expect([...told, await standing(desk, id)].filter(isShown)).not.toEqual([]);
  });
  if (mend !== undefined && fault.isBrief !== true)
    await eventually(async () => {
      const { connections, notices } = await ask(desk, 'desk.snapshot', {});
      expect(connections.find((one) => one.id === id)).toSatisfy(isShown);
      expect(await standing(desk, id)).toSatisfy(isShown);
      const raised = notices.find((one) => one.id === notice?.id);
      if (notice === undefined) return;
      expect(raised?.title).toMatch(notice.title);
      expect(raised?.detail).toMatch(shows.detail);
      expect(raised?.remedy).toMatch(notice.remedy);
    });
  if (mend !== undefined) await meanwhile(fault);
  await mend?.();
  await eventually(async () => {
    expect(await standing(desk, id)).toMatchObject({ state: 'live' });
    const { notices } = await ask(desk, 'desk.snapshot', {});
    if (notice !== undefined) expect(notices.map((one) => one.id)).not.toContain(notice.id);
  });
}

/** Lives through faults one after the other: each is shown as it should be, and over when it is mended. */
export async function sufferAll(
  desk: Desk,
  faults: readonly ConnectionFault[],
  meanwhile: (fault: ConnectionFault) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const told = recorded(desk);
  for (const fault of faults)
    await suffer(desk, fault, { told, meanwhile }).catch((cause: unknown) => {
      throw new Error(`${fault.name}: ${cause instanceof Error ? cause.message : ''}`, { cause });
    });
}
