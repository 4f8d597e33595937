import { describe, expect, it } from 'vitest';
import type { TradingState } from '#shared/domain/sizing.ts';
import { epochMs } from '#shared/units.ts';
import { createTrading } from '#desk/execution/trading.ts';

function tradingIn(state: TradingState, block: string | null, isHalting: boolean) {
  const ledger = { state: () => ({ state, reason: state === 'active' ? null : 'by hand', since: epochMs(1) }) };
  const parts = { ledger, recorder: {}, watch: {}, clock: {}, entryBlock: () => block, isHalting: () => isHalting };
  return createTrading({ ...parts, onChange: () => undefined } as never).state();
}

describe('the trading state in force', () => {
  it.each([
    ['active', null, false, 'active', null],
    ['reducing', null, false, 'reducing', 'by hand'],
    ['halted', null, false, 'halted', 'by hand'],
    // A settings file with an error: what is held may be closed.
    ['active', 'settings', false, 'reducing', 'settings'],
    ['reducing', 'settings', false, 'reducing', 'by hand'],
    ['halted', 'settings', false, 'halted', 'by hand'],
    // A full disk, or a journal that failed.
    ['active', 'disk', true, 'halted', 'disk'],
    ['reducing', 'disk', true, 'halted', 'disk'],
    ['halted', 'disk', true, 'halted', 'by hand'],
  ] as const)('%s with the block %j, halting %s, is %s: %j', (journaled, block, isHalting, state, reason) => {
    expect(tradingIn(journaled, block, isHalting)).toMatchObject({ state, reason });
  });
});
