import type { DeskClient } from '#shared/contract/wire.ts';

let current: DeskClient | null = null;

/** Sets the client of this window, once at start (and in tests). */
export function setClient(client: DeskClient): void {
  current = client;
}

/** The client of this window. Throws before it was set: that is a bug. */
export function deskClient(): DeskClient {
  if (current === null) throw new Error('the desk client is not set');
  return current;
}
