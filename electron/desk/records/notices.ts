import type { Publish } from '#shared/contract/index.ts';
import type { Notice } from '#shared/domain/status.ts';
import type { Clock } from '#desk/ports/clock.ts';

/** What the trader should know of the desk itself; each is raised once until it is cleared. */
export interface Notices {
  raise(notice: Omit<Notice, 'at'>): void;
  clear(id: string): void;
  all(): readonly Notice[];
}

/** Returns an empty list of notices. */
export function createNotices(clock: Clock, publish: Publish): Notices {
  const raised = new Map<string, Notice>();
  return {
    raise: (notice) => {
      const before = raised.get(notice.id);
      if (before?.detail === notice.detail) return;
      const full = { ...notice, at: clock.now() };
      raised.set(notice.id, full);
      publish('notice.raised', full);
    },
    clear: (id) => {
      if (raised.delete(id)) publish('notice.cleared', { id, at: clock.now() });
    },
    all: () => [...raised.values()],
  };
}
