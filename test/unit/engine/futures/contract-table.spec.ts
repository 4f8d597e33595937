import { describe, expect, test } from 'vitest';

import {
  CONTRACTS,
  contractSpec,
  microOf,
  underlyingRoot,
  venueDefinitionMismatch,
} from '#desk/engine/futures/contract-table.ts';
import { usdOf } from '#shared/units.ts';
import fixture from '#test/fixtures/quant-vectors.json' with { type: 'json' };

const nq = contractSpec('NQ')!;

describe('contract table', () => {
  test('holds the 49 contracts of the reference, field by field', () => {
    const rows = CONTRACTS.map(({ tickValue, microOf: micro, source, ...rest }) => ({
      ...rest,
      tickValue: usdOf(tickValue),
      microOf: micro === null ? null : [micro.root, micro.ratio],
      src: source,
    }));
    expect(rows).toEqual(fixture.contracts);
  });

  test.each(CONTRACTS.map((spec) => [spec.root, spec] as const))(
    '%s: one tick is worth tick size × point value',
    (_, spec) => {
      expect(usdOf(spec.tickValue)).toBeCloseTo(spec.tickSize * spec.pointValue, 9);
    },
  );

  test.each(CONTRACTS.flatMap((spec) => (spec.microOf === null ? [] : [[spec.root, spec] as const])))(
    '%s is the stated part of its larger contract',
    (_, spec) => {
      const larger = contractSpec(spec.microOf!.root)!;
      expect(larger.pointValue / spec.pointValue).toBeCloseTo(spec.microOf!.ratio, 9);
      expect(underlyingRoot(spec.root)).toBe(larger.root);
      expect(microOf(larger.root)?.root).toBe(spec.root);
      expect(larger.microOf).toBeNull();
    },
  );

  test('an unknown root has no row and stands for itself', () => {
    expect(contractSpec('ZZZ')).toBeNull();
    expect(contractSpec('nq')).toBeNull();
    expect(underlyingRoot('ZZZ')).toBe('ZZZ');
    expect(microOf('ZZZ')).toBeNull();
    expect(microOf('MNQ')).toBeNull();
  });
});

describe('venue definition', () => {
  test('agrees when the venue sends the same figures as float32', () => {
    const rty = contractSpec('RTY')!;
    expect(venueDefinitionMismatch(rty, { tickSize: Math.fround(0.1), tickValueUsd: Math.fround(5) })).toEqual([]);
  });

  test('reports both figures when the venue differs', () => {
    expect(venueDefinitionMismatch(nq, { tickSize: 0.5, tickValueUsd: 12.5 })).toEqual([
      { field: 'tickSize', table: 0.25, venue: 0.5 },
      { field: 'tickValueUsd', table: 5, venue: 12.5 },
    ]);
  });

  test('finds the old 6E tick that broker pages still show', () => {
    const mismatch = venueDefinitionMismatch(contractSpec('6E')!, { tickSize: 0.0001, tickValueUsd: 12.5 });
    expect(mismatch.map(({ field }) => field)).toEqual(['tickSize', 'tickValueUsd']);
  });

  test('a figure that is silent or unset is not compared; NaN and negatives are mismatches', () => {
    expect(venueDefinitionMismatch(nq, { tickSize: null, tickValueUsd: 0 })).toEqual([]);
    expect(venueDefinitionMismatch(nq, { tickSize: NaN, tickValueUsd: -5 })).toHaveLength(2);
  });
});
