import { describe, expect, it } from 'vitest';
import { RISK_RULES } from '#shared/domain/risk.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { readAside, errorOf, newStage, settle, type Stage, type StageOptions } from '#test/desk/stage.ts';

const LONG = { direction: 1, confidence: 0.75 } as const;
const SMALL = { code: 'size', text: 'small' } as const;

async function proposals(
  roots: readonly string[],
  options: StageOptions = {},
): Promise<{ stage: Stage; all: readonly Recommendation[] }> {
  const stage = await newStage({ roots, ...options });
  for (const root of roots) stage.say(root, LONG);
  const all = (await stage.propose()).filter((r) => r.state === 'proposed');
  return { stage, all };
}
const approve = (stage: Stage, r: Recommendation | undefined, contracts = 1) => {
  if (r === undefined) throw new Error('one was asked');
  const reason = contracts === r.decision.contracts ? null : SMALL;
  return stage.assembly.pipeline.approve({ id: r.id, contracts, reason }, 'trader');
};
const lives = (stage: Stage, id: string | null) =>
  ['', 'S', 'T'].map((suffix) => stage.journal.order(`${id ?? ''}${suffix}`)?.life);
const checksOf = (stage: Stage) =>
  [...stage.journal.events({ kinds: ['risk-check'], after: stage.startSeq })].map(({ event }) => event);

describe('the queue of entries', () => {
  it('journals the attempt apart from the intent, right before the bytes', async () => {
    const { stage, all } = await proposals(['NQ']);
    const seen: string[] = [];
    stage.broker.beforeSubmit = (group) => {
      readAside(stage.path, (aside) => {
        for (const { event } of aside.events({ kinds: ['intent', 'order'], after: stage.startSeq }))
          seen.push(event.kind === 'order' ? event.event.kind : event.kind);
        expect(aside.order(group.entry.clientOrderId)?.life).toBe('sent');
      });
      return null;
    };
    await approve(stage, all[0]);
    expect(seen).toEqual(['intent', 'intent', 'intent', 'send-attempt', 'send-attempt', 'send-attempt']);
    expect(
      checksOf(stage).map((e) => [e.stage, e.rules.length, e.rules.every((rule) => rule.state !== 'fail')]),
    ).toEqual([
      ['approval', RISK_RULES.length, true],
      ['send', RISK_RULES.length, true],
    ]);
  });

  it('lets nothing out where the check and the attempt, which are one write, cannot be written', async () => {
    const { stage, all } = await proposals(['NQ']);
    const { recorder } = stage.assembly;
    const record = recorder.record.bind(recorder);
    const refused: (readonly string[])[] = [];
    recorder.record = (events) => {
      if (!events.some((event) => event.kind === 'order' && event.event.kind === 'send-attempt')) return record(events);
      refused.push(events.map(({ kind }) => kind));
      throw new Error('the disk is gone');
    };
    await expect(approve(stage, all[0])).rejects.toThrow('the disk is gone');
    expect(refused).toEqual([['risk-check', 'order', 'order', 'order']]);
    expect(stage.broker.submitted).toEqual([]);
    const [entry] = stage.journal.orders({ limit: -1 }).filter(({ role }) => role === 'entry');
    expect(lives(stage, entry?.clientOrderId ?? null)).toEqual(['denied', 'denied', 'denied']);
  });

  it('sends one at a time, and denies what waited too long, with its children', async () => {
    const { stage, all } = await proposals(['NQ', 'GC', 'ZN'], { config: { maxHeat: 0.9, maxCluster: 0.9 } });
    expect(all).toHaveLength(3);
    stage.broker.beforeSubmit = (group) => (group.entry.symbol === 'NQ' ? new Promise(() => undefined) : null);
    const sent = all.map((r) => approve(stage, r));
    await settle();
    expect(stage.broker.submitted.map((g) => g.entry.symbol)).toEqual(['NQ']);
    expect(stage.assembly.execution.view().queued).toBe(2);
    await stage.pass(6_000);
    const [, second, third] = await Promise.all(sent);
    expect(stage.broker.submitted).toHaveLength(1);
    for (const one of [second, third]) {
      expect(lives(stage, one?.clientOrderId ?? null)).toEqual(['denied', 'denied', 'denied']);
      expect(stage.journal.order(one?.clientOrderId ?? '')?.reason).toMatch(/age of the order/);
    }
    expect(stage.assembly.execution.view().queued).toBe(0);
  });

  it('never holds up a cancel or a closing order', async () => {
    const { stage, all } = await proposals(['NQ', 'GC'], { config: { maxHeat: 0.9, maxCluster: 0.9 } });
    await approve(
      stage,
      all.find((r) => r.symbol === 'NQ'),
    );
    stage.broker.beforeSubmit = (group) => (group.entry.role === 'entry' ? new Promise(() => undefined) : null);
    void approve(
      stage,
      all.find((r) => r.symbol === 'GC'),
    );
    await settle();
    expect(stage.broker.submitted).toHaveLength(2);
    await stage.assembly.execution.flatten('NQ');
    expect(stage.assembly.book.positions()).toEqual([]);
  });

  it('denies an entry that trading was halted before', async () => {
    const { stage, all } = await proposals(['NQ', 'GC'], { config: { maxHeat: 0.9, maxCluster: 0.9 } });
    stage.broker.beforeSubmit = () => new Promise(() => undefined);
    void approve(stage, all[0]);
    const second = approve(stage, all[1]);
    await settle();
    void stage.assembly.pipeline.halt('enough', 'trader');
    await stage.pass(6_000);
    const { clientOrderId } = await second;
    expect(lives(stage, clientOrderId)).toEqual(['denied', 'denied', 'denied']);
    expect(stage.journal.order(clientOrderId ?? '')?.reason).toMatch(/halted before it was sent/);
    expect(stage.broker.submitted).toHaveLength(1);
  });

  it('cancels an entry that still waits without asking the broker', async () => {
    const { stage, all } = await proposals(['NQ', 'GC'], { config: { maxHeat: 0.9, maxCluster: 0.9 } });
    stage.broker.beforeSubmit = () => new Promise(() => undefined);
    void approve(stage, all[0]);
    void approve(stage, all[1]);
    await settle();
    const waiting = stage.assembly.book.orders().find((o) => o.role === 'entry' && o.life === 'created');
    expect(await stage.assembly.execution.cancel(waiting?.clientOrderId ?? '')).toMatchObject({ life: 'denied' });
    expect(stage.broker.cancelled).toEqual([]);
    await stage.pass(6_000);
    expect(stage.broker.submitted).toHaveLength(1);
  });

  it('refuses more than the rate at the click, and counts over a restart', async () => {
    const { stage, all } = await proposals(['NQ', 'GC', 'ZN'], {
      config: { maxHeat: 0.9, maxCluster: 0.9 },
      limits: { maxOrdersPerMinute: 2 },
    });
    await approve(stage, all[0]);
    await approve(stage, all[1]);
    const error = await errorOf(() => approve(stage, all[2]));
    expect(error).toMatchObject({ code: 'refused' });
    expect(error.message).toMatch(/2 .*minute|minute.* 2/);
    expect(stage.assembly.recommendations.get(all[2]?.id ?? '').state).toBe('proposed');
    expect(stage.assembly.execution.gate.guards().entriesLastMinute).toBe(2);
  });

  it('lets nothing out while broker and journal have not been compared', async () => {
    const { stage, all } = await proposals(['NQ']);
    stage.broker.setLink(false);
    const error = await errorOf(() => approve(stage, all[0]));
    expect(error.message).toMatch(/broker/i);
    expect(stage.broker.submitted).toEqual([]);
    stage.broker.onSnapshot = () => new Promise(() => undefined);
    stage.broker.setLink(true);
    await settle();
    expect(stage.assembly.execution.brokerState()).toBe('syncing');
    expect(await errorOf(() => approve(stage, all[0]))).toMatchObject({ code: 'refused' });
  });
});
