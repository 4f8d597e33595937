import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rootsFor } from '#desk/decisions/signals.ts';
import { freezeWhole } from '#shared/frozen.ts';
import { exposure, rival } from '#test/support/snapshots.ts';

const roots = fc.array(fc.constantFrom('NQ', 'MNQ', 'ES', '6E', 'GC', 'ZN', 'é', 'a'), { maxLength: 10 });

test('the roots of a decision are its own, those that are open and its rivals, each once and in order', () => {
  fc.assert(
    fc.property(fc.constantFrom('NQ', 'A', 'zz', '6E'), roots, roots, fc.boolean(), (own, open, asking, isFrozen) => {
      const list = open.map((root) => exposure({ root }));
      const exposures = isFrozen ? freezeWhole(list) : list;
      const rivals = asking.map((root) => rival({ root }));
      // Asked for twice: what was kept of the first must not have been touched by it.
      for (const others of [[], rivals, []]) {
        const named = [own, ...open, ...others.map(({ root }) => root)];
        expect(rootsFor(own, exposures, others)).toEqual([...new Set(named)].sort());
      }
    }),
  );
});
