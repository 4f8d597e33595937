import type { ImportMapping } from '#shared/domain/import.ts';
import type { Journal } from '#desk/ports/journal.ts';

/** Column mappings by name, the newest word on each. */
export function savedMappings(journal: Pick<Journal, 'events'>): ReadonlyMap<string, ImportMapping> {
  const found = new Map<string, ImportMapping>();
  for (const { event } of journal.events({ kinds: ['import-mapping'] })) {
    if (event.mapping === null) found.delete(event.name);
    else found.set(event.name, event.mapping);
  }
  return found;
}
