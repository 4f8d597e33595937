import { beforeEach, describe, expect, it } from 'vitest';
import { setClient } from '#renderer/src/api/client.ts';
import {
  approvalBlock,
  pickReason,
  requestApprove,
  staleFor,
  startReject,
  stepContracts,
  typeContracts,
} from '#renderer/src/features/desk/approval.ts';
import type { ApprovalContext } from '#renderer/src/features/desk/approval.ts';
import { contractCeiling } from '#shared/domain/ceiling.ts';
import { storeSink } from '#renderer/src/store/feed.ts';
import { useRecommendations } from '#renderer/src/store/recommendations.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { clearDraft, useUi } from '#renderer/src/store/ui.ts';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import type { DeskClient } from '#shared/contract/wire.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { epochMs } from '#shared/units.ts';
import { createTestDesk } from '#test/support/test-desk.ts';

type Call = { readonly name: string; readonly input: unknown };

let calls: Call[] = [];
let open: Recommendation;

/** Records calls and never answers: what is on its way must not be sent again. */
const silentClient: DeskClient = {
  call: (name, input) => {
    calls.push({ name, input });
    return new Promise<never>(() => undefined);
  },
  on: () => () => undefined,
  onResync: () => () => undefined,
  onLink: () => () => undefined,
  close: () => undefined,
};

async function snapshot(): Promise<DeskSnapshot> {
  const desk = createTestDesk();
  const result = await desk.handlers['desk.snapshot']({});
  desk.close();
  return result;
}

beforeEach(async () => {
  calls = [];
  setClient(silentClient);
  storeSink.snapshot(await snapshot());
  storeSink.link('live');
  clearDraft();
  const { symbols, bySymbol } = useRecommendations.getState();
  open = bySymbol[symbols[0]!]!;
  useRecommendations.setState({ selected: open.symbol, replacedAt: 0 });
  useUi.setState({ underWay: {}, busy: {}, failures: {}, pending: null });
});

const context = (more: Partial<ApprovalContext> = {}): ApprovalContext => ({
  now: open.createdAt + 1_000,
  quote: {
    symbol: open.symbol,
    bid: open.entry!,
    ask: open.entry!,
    last: open.entry!,
    asOf: open.createdAt,
    receivedAt: epochMs(open.createdAt + 900),
  },
  status: useStatus.getState(),
  ...more,
});

const withStatus = (more: object): ApprovalContext => ({ ...context(), status: { ...useStatus.getState(), ...more } });

describe('approval', () => {
  it('is open for a fresh proposal', () => {
    expect(approvalBlock(open, context())).toBeNull();
  });

  it.each([
    ['the wire is down', () => withStatus({ link: 'disconnected' }), /out of reach/],
    ['the desk starts', () => withStatus({ startup: { phase: 'syncing', done: 0, total: 1, text: '' } }), /starting/],
    ['it expired', () => context({ now: open.expiresAt }), /expired/],
    ['no price is known', () => context({ quote: null }), /prices flow/],
    ['the price is stale', () => context({ now: open.createdAt + 59_000 }), /prices flow/],
    [
      'live is not armed',
      () => withStatus({ identity: { ...useStatus.getState().identity!, mode: 'live', isArmed: false } }),
      /not armed/,
    ],
    [
      'trading is halted',
      () => withStatus({ risk: { ...useStatus.getState().risk!, tradingState: 'halted' } }),
      /halted/,
    ],
  ])('is blocked when %s', (_what, make, words) => {
    expect(approvalBlock(open, make())).toMatch(words);
  });

  it('is blocked for what is decided already', () => {
    expect(approvalBlock({ ...open, state: 'approved' }, context())).toMatch(/no longer/);
  });

  it('counts a missing quote as stale without end', () => {
    expect(staleFor(null, useStatus.getState().config, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('sends one command for two presses', () => {
    requestApprove();
    requestApprove();
    expect(calls).toEqual([
      { name: 'recommendation.approve', input: { id: open.id, contracts: open.decision.contracts } },
    ]);
  });

  it('goes above Kelly with a reason, never above another limit nor below one', () => {
    const most = contractCeiling(open.decision).contracts;
    typeContracts(999);
    const chosen = useUi.getState().draft?.contracts ?? open.decision.contracts;
    expect(chosen).toBe(most);
    stepContracts(1);
    expect(useUi.getState().draft?.contracts ?? open.decision.contracts).toBe(most);
    expect(useUi.getState().toasts.at(-1)?.text).toMatch(/would break/);
    typeContracts(0);
    expect(useUi.getState().draft).toEqual({ id: open.id, contracts: 1 });
  });

  it('wants a reason for another number and sends it along', () => {
    stepContracts(-1);
    requestApprove();
    expect(calls).toEqual([]);
    expect(useUi.getState().picker?.kind).toBe('approve');
    pickReason(0);
    expect(calls).toEqual([]);
    requestApprove();
    expect(calls).toEqual([
      {
        name: 'recommendation.approve',
        input: { id: open.id, contracts: open.decision.contracts - 1, reason: { code: 'news', text: '' } },
      },
    ]);
  });

  it('rejects with a reason at once, and with "other" only after words', () => {
    startReject();
    pickReason(5);
    expect(calls).toEqual([]);
    pickReason(3);
    expect(calls).toEqual([
      { name: 'recommendation.reject', input: { id: open.id, reason: { code: 'timing', text: '' } } },
    ]);
  });

  it('does not approve what has just replaced the proposal under the hand', () => {
    useRecommendations.setState({ replacedAt: Date.now() });
    requestApprove();
    expect(calls).toEqual([]);
  });

  it('wants a second key in live', () => {
    const identity = { ...useStatus.getState().identity!, mode: 'live' as const, isArmed: true };
    useStatus.setState({ identity });
    requestApprove();
    expect(calls).toEqual([]);
    expect(useUi.getState().pending).toMatchObject({ kind: 'approve', target: open.id });
    requestApprove(true);
    expect(calls).toHaveLength(1);
  });
});
