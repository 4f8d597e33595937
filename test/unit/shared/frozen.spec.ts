import { describe, expect, it } from 'vitest';
import { freezeWhole, isFrozenWhole } from '#shared/frozen.ts';

describe('what is frozen whole', () => {
  it('cannot be changed at any depth, though a part was frozen before', () => {
    const inner = Object.freeze({ list: [{ n: 1 }] });
    const value = freezeWhole({ inner, rows: [[1, 2]] });
    expect(() => void value.rows[0]?.push(3)).toThrow(TypeError);
    expect(() => Object.assign(value.inner.list[0] ?? {}, { n: 2 })).toThrow(TypeError);
    expect(() => Object.assign(value, { more: 1 })).toThrow(TypeError);
    expect(value).toEqual({ inner: { list: [{ n: 1 }] }, rows: [[1, 2]] });
  });

  it('is told by the value itself and not by one that looks like it, or is only frozen at its surface', () => {
    const value = freezeWhole({ a: [1] });
    expect(isFrozenWhole(value)).toBe(true);
    expect(freezeWhole(value)).toBe(value);
    expect(isFrozenWhole(Object.freeze({ a: [1] }))).toBe(false);
    expect(isFrozenWhole({ ...value })).toBe(false);
  });
});
