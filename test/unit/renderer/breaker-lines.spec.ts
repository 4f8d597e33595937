import { describe, expect, it } from 'vitest';
import type { Breaker } from '#shared/domain/status.ts';
import { epochMs } from '#shared/units.ts';
import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import { breakerLines } from '#renderer/src/features/desk/breaker-lines.ts';
import { breakerLimit, breakerName, breakerValue } from '#renderer/src/ui/words.ts';

const dayLoss: Breaker = { code: 'day-loss', unit: 'fraction', value: 0.01, warn: 0.02, halt: 0.03, level: 'clear' };
const viewOf = (consecutiveLosses: number) => ({ consecutiveLosses, limits: DEFAULT_RISK_LIMITS, latches: [] });

describe('the lines of the breakers', () => {
  it('show losses in a row before they trip, against their limit', () => {
    const [first, losses] = breakerLines([dayLoss], viewOf(3));
    expect(first).toBe(dayLoss);
    if (losses === undefined) throw new Error('there is no line for losses in a row');
    expect([breakerName(losses), breakerValue(losses), breakerLimit(losses), losses.level]).toEqual([
      'Losses in a row',
      '3',
      '5',
      'clear',
    ]);
  });

  it('show them as halted while their breaker holds, whatever they are now', () => {
    const latch = {
      ...({ code: 'consecutive-losses', effect: 'entries' } as const),
      ...{ value: 5, limit: 5, since: epochMs(1), sessionDay: '2026-01-15' },
    };
    expect(breakerLines([], { ...viewOf(0), latches: [latch] })).toMatchObject([{ level: 'halt', value: 0 }]);
  });

  it('say nothing of them while they are not known', () => {
    expect(breakerLines([dayLoss], null)).toEqual([dayLoss]);
  });
});
