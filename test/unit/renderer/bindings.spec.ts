import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  BINDINGS,
  caps,
  chooseKey,
  comboOf,
  keysOf,
  ownerOf,
  refusal,
  resetKeys,
  useBindings,
} from '#renderer/src/features/keys/bindings.ts';

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) =>
  comboOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

describe('keys', () => {
  afterEach(() => resetKeys());

  it('are written the same way for the same press, with shift only where the key does not show it', () => {
    expect(press('J')).toBe('j');
    expect(press('J', { shiftKey: true })).toBe('Shift+j');
    expect(press('?', { shiftKey: true })).toBe('?');
    expect(press('k', { metaKey: true })).toBe('Ctrl+k');
    expect(press('Enter', { shiftKey: true })).toBe('Shift+Enter');
    expect(press(' ')).toBe('Space');
  });

  it('belong to one command in every scope that is heard together', () => {
    for (const binding of BINDINGS) {
      for (const key of binding.keys) expect(ownerOf(key, binding.scope)?.id).toBe(binding.id);
    }
  });

  it('can be chosen, are heard at once, and come back', () => {
    expect(chooseKey('what-if', 'q')).toBeNull();
    expect(ownerOf('q', 'desk')?.id).toBe('what-if');
    expect(ownerOf('w', 'desk')).toBeNull();
    expect(chooseKey('reject', 'w')).toBeNull();
    resetKeys('reject');
    expect(keysOf('reject')).toEqual(['x']);
    expect(keysOf('what-if')).toEqual(['q']);
  });

  it('are refused where they belong to another command heard there, naming it; another screen may have them', () => {
    expect(chooseKey('what-if', 'x')).toMatch(/Reject/);
    expect(chooseKey('journal-note', 'x')).toBeNull();
    expect(chooseKey('what-if', 'Ctrl+k')).toMatch(/All commands/);
    expect(useBindings.getState().chosen).toEqual({ 'journal-note': 'x' });
  });

  it('never give halt, Escape, Enter, Tab or the digits away', () => {
    expect(refusal('halt', 'h')).toMatch(/always the same/);
    for (const combo of ['F8', 'Escape', 'Enter', 'Tab', '7', 'Control'])
      expect(refusal('approve', combo)).not.toBeNull();
    expect(ownerOf('F8', 'journal')?.id).toBe('halt');
  });

  it('stay unambiguous whatever is chosen in whatever order', () => {
    const ids = BINDINGS.map(({ id }) => id);
    const combos = ['a', 'b', 'q', 'x', 'j', 'Ctrl+q', 'Shift+j', 'ArrowDown', '/'];
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...combos))), (choices) => {
        resetKeys();
        for (const [id, combo] of choices) chooseKey(id, combo);
        for (const scope of ['desk', 'journal'] as const) {
          const heard = BINDINGS.filter((one) => one.scope === scope || one.scope === 'everywhere');
          const keys = heard.flatMap(({ id }) => keysOf(id));
          expect(new Set(keys).size).toBe(keys.length);
        }
      }),
    );
  });

  it('are drawn as caps', () => {
    expect(caps('Ctrl+k')).toEqual(['Ctrl', 'K']);
    expect(caps('+')).toEqual(['+']);
    expect(caps('-')).toEqual(['−']);
    expect(caps('Shift+Enter')).toEqual(['⇧', '⏎']);
  });
});
