import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Quote } from '#shared/domain/market.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { decide } from '#desk/engine/decide.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import type { OrderGroup } from '#desk/ports/broker.ts';
import { journalEventSchema } from '#desk/ports/events.ts';
import { newStage, raiseStage, readAside, type Stage, type StageOptions } from '#test/desk/stage.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

const NQ = 'NQ';
const ALL = journalEventSchema.options.map((option) => option.shape.kind.value);

type Story = {
  readonly path: string;
  readonly now: number;
  readonly group: OrderGroup;
  readonly seqs: ReadonlyMap<string, number>;
};

/** One approval and its fill, and where in the journal each thing stands. */
async function story(): Promise<Story> {
  const stage = await newStage();
  stage.say(NQ, { direction: 1, confidence: 0.75 });
  const r = await stage.proposal(NQ);
  const from = stage.journal.lastSeq();
  await stage.assembly.pipeline.approve({ id: r.id, contracts: 3, reason: null }, 'trader');
  const seqs = new Map<string, number>();
  for (const { seq, event } of stage.journal.events({ kinds: ['intent', 'order', 'fill'], after: from })) {
    const kind = event.kind === 'order' ? event.event.kind : event.kind;
    seqs.set(kind, seq);
  }
  const [group] = stage.broker.submitted;
  if (group === undefined) throw new Error('one was sent');
  stage.assembly.execution.stop();
  stage.journal.close();
  return { path: stage.path, now: stage.clock.now(), group, seqs };
}
/** The journal as it is on disk when the process dies right after an event. */
function cut({ path, seqs }: Story, after: string): string {
  const target = join(temporaryFolder(), 'journal.db');
  const opened = openJournal({ path: target });
  if (!opened.ok) throw new Error('cannot open');
  const count = seqs.get(after) ?? 0;
  const events = readAside(path, (aside) => [...aside.events({ kinds: ALL, limit: count })]);
  opened.value.append(events.map(({ at, event }) => ({ at, event })));
  opened.value.close();
  return target;
}
const quoteAt = (now: number, bid: number): Quote => ({
  ...{
    symbol: NQ,
    bid: ticks(bid),
    ask: ticks(bid + 1),
    last: ticks(bid),
    asOf: epochMs(now),
    receivedAt: epochMs(now),
  },
});
/** A venue that has gone on without anybody listening: it has the group, and has filled it or not. */
const venueHas = (tale: Story, isFilled: boolean): StageOptions => ({
  prepare: async ({ paper, broker }) => {
    broker.hears = () => false;
    await paper.connect(new AbortController().signal);
    paper.setFillSource(isFilled ? 'quotes' : 'bars');
    if (isFilled) paper.onMarket({ kind: 'quote', quote: quoteAt(tale.now, 80_000) });
    await paper.submit(tale.group);
    broker.hears = () => true;
  },
});
const idOf = (tale: Story): string => tale.group.entry.clientOrderId;
const lives = (stage: Stage, id: string) => ['', 'S', 'T'].map((suffix) => stage.journal.order(`${id}${suffix}`)?.life);
const sound = (stage: Stage): void => {
  expect(stage.broker.submitted).toEqual([]);
  expect(stage.journal.verify(decide).findings).toEqual([]);
  expect(stage.assembly.execution.brokerState()).toBe('live');
};

describe('a desk that dies', () => {
  it('after the intent never sent it: denied, with its children', async () => {
    const tale = await story();
    const stage = await raiseStage(cut(tale, 'intent'), {}, tale.now);
    expect(lives(stage, idOf(tale))).toEqual(['denied', 'denied', 'denied']);
    expect(stage.journal.order(idOf(tale))?.reason).toMatch(/^never sent/);
    expect(stage.assembly.pipeline.risk().reservedRisk).toBe(0);
    sound(stage);
  });

  it('after the attempt and before the bytes asks, and finds that it never arrived', async () => {
    const tale = await story();
    const stage = await raiseStage(cut(tale, 'send-attempt'), {}, tale.now);
    expect(lives(stage, idOf(tale))).toEqual(['rejected', 'rejected', 'rejected']);
    sound(stage);
  });

  it('after the attempt, at a venue that cannot tell, leaves it in doubt and counts it', async () => {
    const tale = await story();
    const options: StageOptions = {
      prepare: ({ broker }) => {
        broker.beforeFind = () => ({ kind: 'cannot-tell', why: 'starting' });
      },
    };
    const stage = await raiseStage(cut(tale, 'send-attempt'), options, tale.now);
    expect(stage.journal.order(idOf(tale))?.certainty.kind).toBe('in-doubt');
    expect(stage.assembly.pipeline.risk().reservedRisk).toBeGreaterThan(0);
    sound(stage);
  });

  it('after the bytes, or with the acknowledgement unread, finds the order at the venue', async () => {
    const tale = await story();
    const stage = await raiseStage(cut(tale, 'send-attempt'), venueHas(tale, false), tale.now);
    expect(stage.journal.order(idOf(tale))).toMatchObject({ life: 'working', certainty: { kind: 'known' }, filled: 0 });
    expect(stage.assembly.pipeline.risk().reservedRisk).toBeGreaterThan(0);
    sound(stage);
    stage.paper.setFillSource('quotes');
    stage.quote(NQ, 79_990);
    expect(stage.assembly.book.positions()).toMatchObject([{ quantity: 3 }]);
    expect(stage.assembly.book.positions()[0]?.riskAtStop).not.toBeNull();
  });

  it('with the fill unread books it once, with its protection', async () => {
    const tale = await story();
    const stage = await raiseStage(cut(tale, 'send-attempt'), venueHas(tale, true), tale.now);
    expect(stage.journal.order(idOf(tale))).toMatchObject({ life: 'filled', filled: 3 });
    expect(stage.assembly.book.positions()).toMatchObject([{ quantity: 3 }]);
    expect(stage.assembly.book.positions()[0]?.riskAtStop).not.toBeNull();
    expect(stage.journal.fills({ symbol: NQ }).filter((f) => f.clientOrderId === idOf(tale))).toHaveLength(1);
    expect(stage.assembly.execution.view().reconciliation.differences).toEqual([]);
    expect(stage.assembly.ledger.state().state).toBe('active');
    sound(stage);
    stage.assembly.execution.stop();
    const { path } = stage;
    stage.journal.close();
    const again = await raiseStage(path, {}, stage.clock.now());
    expect(again.assembly.book.positions()).toMatchObject([{ quantity: 3 }]);
    sound(again);
  });
});
