import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import { MIGRATIONS } from '#desk/journal/migrations/index.ts';
import {
  NOON,
  aBar,
  aDecision,
  aFill,
  aRoundTrip,
  at,
  events,
  orderId,
  someTerms,
} from '#test/support/journal-events.ts';
import { mustOpen, temporaryJournal } from '#test/support/temp-journal.ts';

const time = (ms: number) => epochMs(NOON + ms);

describe('the chain', () => {
  it('is sha256 over the hash before and the canonical event', () => {
    const journal = temporaryJournal();
    const stored = journal.append([at(NOON, events.opened()), ...aRoundTrip(1)]);
    let previous = '0'.repeat(64);
    for (const { seq, at: when, event, hash } of stored) {
      const text = canonicalize({ seq, at: when, kind: event.kind, body: event }) ?? '';
      previous = createHash('sha256')
        .update(previous + text)
        .digest('hex');
      expect(hash).toBe(previous);
    }
    expect(journal.headHash()).toBe(previous);
    expect(journal.lastSeq()).toBe(stored.length);
  });

  it('begins with no head', () => {
    const journal = temporaryJournal();
    expect(journal.headHash()).toBeNull();
    expect(journal.lastSeq()).toBe(0);
    expect(journal.append([])).toEqual([]);
  });

  it('cannot be edited, shortened, replaced or continued out of line, even by plain SQL', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.notice('one')), at(NOON, events.notice('two'))]);
    journal.close();
    const raw = new Database(journal.path);
    const insert = `INTO events SELECT seq, at, kind, subject, '{}', prev_hash, hash FROM events WHERE seq = 2`;
    expect(() => raw.exec(`UPDATE events SET body = '{}'`)).toThrow('append-only');
    expect(() => raw.exec('DELETE FROM events WHERE seq = 2')).toThrow('append-only');
    expect(() => raw.exec(`INSERT OR REPLACE ${insert}`)).toThrow(/append-only|without gaps/);
    expect(() => raw.exec(`INSERT INTO events VALUES (4, 1, 'notice', NULL, '{}', '', '')`)).toThrow('without gaps');
    expect(() => raw.exec(`INSERT INTO events VALUES (3, 1, 'notice', NULL, '{}', 'x', '')`)).toThrow('without gaps');
    raw.close();
  });
});

describe('append', () => {
  it('throws on an event that is not one, and keeps nothing of the call', () => {
    const journal = temporaryJournal();
    const bad = { ...events.notice('x'), level: 'loud' } as unknown as ReturnType<typeof events.notice>;
    expect(() => journal.append([at(NOON, events.notice('first')), at(NOON, bad)])).toThrow();
    expect(journal.lastSeq()).toBe(0);
    expect([...journal.events({ kinds: ['notice'] })]).toEqual([]);
    expect(journal.append([at(NOON, events.notice('next'))])[0]?.seq).toBe(1);
  });

  it('throws on what contradicts the record: a second intent, a report without one, a second decision', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.intent(someTerms(1))), at(NOON, events.decision(1))]);
    const head = journal.headHash();
    expect(() => journal.append([at(NOON, events.intent(someTerms(1)))])).toThrow('already has an intent');
    expect(() => journal.append([at(NOON, events.order(orderId(9), { kind: 'expired' }))])).toThrow('no intent');
    expect(() => journal.append([at(NOON, events.decision(1))])).toThrow();
    expect(() => journal.append([at(NOON, events.recommendation(9))])).toThrow('no decision');
    expect(journal.headHash()).toBe(head);
    expect(journal.isSuspect()).toBe(false);
  });

  it('mends half a surrogate pair in a text instead of losing the event', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.notice('broken \ud800 text 😀 \\ud800'))]);
    const [stored] = [...journal.events({ kinds: ['notice'] })];
    expect(stored?.event.detail).toBe('broken \ufffd text 😀 \\ud800');
    expect(journal.verify(() => aDecision()).isSound).toBe(true);
  });
});

describe('fills', () => {
  it('are booked once: repeats in another call or in the same one are dropped and not journaled', () => {
    const journal = temporaryJournal();
    const fill = events.fill(aFill('a'));
    expect(journal.append([at(NOON, fill), at(NOON, fill)])).toHaveLength(1);
    expect(journal.append([at(time(5), fill), at(time(5), events.fill(aFill('b')))])).toHaveLength(1);
    expect(journal.fills({}).map((f) => f.execKey)).toEqual(['a', 'b']);
    expect(journal.lastSeq()).toBe(2);
    expect(journal.hasFill('paper', 'SIM1', 'a')).toBe(true);
    expect(journal.hasFill('paper', 'SIM2', 'a')).toBe(false);
    expect(journal.fill('paper', 'SIM1', 'a')).toEqual(aFill('a'));
  });

  it('with the same key at another venue or account are other fills', () => {
    const journal = temporaryJournal();
    const fills = [aFill('a'), aFill('a', { venue: 'other' }), aFill('a', { account: 'SIM2' })];
    expect(journal.append(fills.map((fill) => at(NOON, events.fill(fill))))).toHaveLength(3);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });

  it('can be asked for by symbol and from a time', () => {
    const journal = temporaryJournal();
    journal.append([
      at(NOON, events.fill(aFill('late', { at: time(9) }))),
      at(NOON, events.fill(aFill('early'))),
      at(NOON, events.fill(aFill('other', { symbol: 'ESZ26-CME', at: time(5) }))),
    ]);
    const keys = (filter: Parameters<typeof journal.fills>[0]) => journal.fills(filter).map((f) => f.execKey);
    expect(keys({})).toEqual(['early', 'other', 'late']);
    expect(keys({ symbol: 'NQZ26-CME' })).toEqual(['early', 'late']);
    expect(keys({ symbol: 'NQZ26-CME', from: time(1) })).toEqual(['late']);
    expect(keys({ from: time(5) })).toEqual(['other', 'late']);
  });
});

describe('orders', () => {
  it('are the fold of their intent, their reports and their fills', () => {
    const journal = temporaryJournal();
    const terms = someTerms(1, { quantity: 3 });
    const id = terms.clientOrderId;
    const fill = (key: string, quantity: number, price: number) =>
      events.fill(aFill(key, { clientOrderId: id, quantity, price: ticks(price) }));
    journal.append([at(NOON, events.intent(terms)), at(time(1), events.order(id, { kind: 'send-attempt' }))]);
    expect(journal.order(id)).toMatchObject({ life: 'sent', filled: 0, createdAt: NOON, updatedAt: time(1) });
    journal.append([
      at(time(2), events.order(id, { kind: 'working', venueOrderId: 'V1' })),
      at(time(3), fill('a', 1, 10)),
    ]);
    expect(journal.order(id)).toMatchObject({ life: 'working', filled: 1, averagePrice: 10, venueOrderId: 'V1' });
    expect(journal.orders({ openOnly: true })).toHaveLength(1);
    journal.append([at(time(4), fill('b', 2, 13))]);
    expect(journal.order(id)).toMatchObject({ life: 'filled', filled: 3, averagePrice: 12, updatedAt: time(4) });
    expect(journal.orders({ openOnly: true })).toEqual([]);
    expect(journal.orders({})).toEqual([journal.order(id)]);
  });

  it('come newest first and up to a limit', () => {
    const journal = temporaryJournal();
    journal.append([1, 2, 3].map((n) => at(time(n), events.intent(someTerms(n)))));
    expect(journal.orders({ limit: 2 }).map((o) => o.clientOrderId)).toEqual([orderId(3), orderId(2)]);
    expect(journal.order(orderId(7))).toBeNull();
  });

  it('book a fill that comes after their end', () => {
    const journal = temporaryJournal();
    const id = orderId(1);
    journal.append([
      at(NOON, events.intent(someTerms(1))),
      at(time(1), events.order(id, { kind: 'canceled', reason: null })),
      at(time(2), events.fill(aFill('late', { clientOrderId: id, quantity: 2 }))),
    ]);
    expect(journal.order(id)).toMatchObject({ life: 'filled', filled: 2 });
    expect(journal.openLots()[0]?.lots[0]).toMatchObject({ quantity: 2, recommendationId: 'R1' });
  });
});

describe('trades', () => {
  it('carry the plan of the entry, the fees of both sides and the day of the exchange', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.instrument()), ...aRoundTrip(1)]);
    const [trade] = journal.trades({});
    // 60 ticks × 5 USD × 2 contracts, two fills at 2.30 USD each, risk 214.60 USD a contract.
    expect(trade).toEqual({
      id: 'SIM1|NQZ26-CME|E1|X1|0',
      account: 'SIM1',
      symbol: 'NQZ26-CME',
      root: 'NQ',
      direction: 1,
      quantity: 2,
      entryAt: time(1_990),
      exitAt: time(59_990),
      entryPrice: 84_001,
      exitPrice: 84_061,
      gross: moneyFromUsd(600),
      fees: moneyFromUsd(4.6),
      net: moneyFromUsd(595.4),
      plannedRisk: moneyFromUsd(429.2),
      r: 595.4 / 429.2,
      recommendationId: 'R1',
      sessionDay: '2026-06-03',
    });
    expect(journal.openLots()).toEqual([]);
    expect(journal.netOfTrades()).toBe(moneyFromUsd(595.4));
  });

  it('wait for the instrument to be known, and are valued by its last definition', () => {
    const journal = temporaryJournal();
    journal.append(aRoundTrip(1));
    expect(journal.trades({})).toEqual([]);
    expect(journal.netOfTrades()).toBe(0);
    journal.append([at(NOON, events.instrument())]);
    expect(journal.trades({}).map((t) => t.gross)).toEqual([moneyFromUsd(600)]);
    journal.append([at(NOON, events.instrument({ tickValue: moneyFromUsd(0.5), root: 'MNQ' }))]);
    expect(journal.trades({}).map((t) => [t.gross, t.root])).toEqual([[moneyFromUsd(60), 'MNQ']]);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });

  it('are paged and filtered by symbol, root and exit', () => {
    const journal = temporaryJournal();
    journal.append([
      at(NOON, events.instrument()),
      ...[1, 2, 3, 4, 5].flatMap((n) => aRoundTrip(n, time(n * 100_000))),
    ]);
    const keys = (filter: Parameters<typeof journal.trades>[0]) =>
      journal.trades(filter).map((t) => t.recommendationId);
    expect(keys({ limit: 2 })).toEqual(['R5', 'R4']);
    expect(keys({ limit: 2, offset: 3 })).toEqual(['R2', 'R1']);
    expect(keys({ order: 'oldest', limit: 1 })).toEqual(['R1']);
    const third = journal.trades({ order: 'oldest' })[2];
    expect(keys({ exitFrom: third!.exitAt })).toEqual(['R5', 'R4', 'R3']);
    expect(keys({ exitBefore: third!.exitAt })).toEqual(['R2', 'R1']);
    expect(keys({ symbol: 'ESZ26-CME' })).toEqual([]);
    expect(keys({ roots: ['NQ', 'MNQ'], limit: 1 })).toEqual(['R5']);
    expect(keys({ roots: [] })).toEqual([]);
    expect(journal.tradeCount({ exitFrom: third!.exitAt })).toBe(3);
    expect(journal.tradeCount({})).toBe(5);
  });
});

describe('decisions', () => {
  it('come newest first with the last word on each', () => {
    const journal = temporaryJournal();
    journal.append([1, 2, 3].map((n) => at(time(n), events.decision(n))));
    journal.append([
      at(time(4), events.recommendation(2, 'proposed')),
      at(time(5), events.recommendation(2, 'rejected')),
      at(time(6), events.recommendation(1, 'approved')),
    ]);
    const page = journal.decisions({ limit: 2, offset: 1 });
    expect(page.map(({ decision, status }) => [decision.event.recommendationId, status?.event.state])).toEqual([
      ['R2', 'rejected'],
      ['R1', 'approved'],
    ]);
    expect(journal.decision('R3')?.status).toBeNull();
    expect(journal.decision('R3')?.decision.event).toEqual(events.decision(3));
    expect(journal.decision('R9')).toBeNull();
    expect(journal.decisionCount()).toBe(3);
  });
});

describe('events', () => {
  it('are read in order, by kind, after a number, up to one and up to a limit, across pages', () => {
    const journal = temporaryJournal();
    journal.append(
      Array.from({ length: 700 }, (_, n) => at(NOON, n % 2 === 0 ? events.notice(`${n}`) : events.equity(n))),
    );
    expect([...journal.events({ kinds: ['notice'] })].map((e) => e.event.detail)).toEqual(
      Array.from({ length: 350 }, (_, n) => `${2 * n}`),
    );
    expect([...journal.events({ kinds: ['notice', 'equity'] })].map((e) => e.seq)).toEqual(
      Array.from({ length: 700 }, (_, n) => n + 1),
    );
    expect([...journal.events({ kinds: ['equity', 'notice'], after: 690, limit: 3 })].map((e) => e.seq)).toEqual([
      691, 692, 693,
    ]);
    expect([...journal.events({ kinds: ['equity'], after: 690, until: 696 })].map((e) => e.seq)).toEqual([
      692, 694, 696,
    ]);
    expect([...journal.events({ kinds: [] })]).toEqual([]);
  });

  it('can be appended to while they are read', () => {
    const journal = temporaryJournal();
    journal.append([1, 2, 3].map((n) => at(NOON, events.notice(`${n}`))));
    for (const { seq } of journal.events({ kinds: ['notice'] })) journal.append([at(NOON, events.equity(seq))]);
    expect(journal.lastSeq()).toBe(6);
  });
});

describe('bars', () => {
  it('are stored once and returned oldest first, the newest up to a close', () => {
    const journal = temporaryJournal();
    const bars = [0, 1, 2, 3].map((n) => aBar(time(n * 60_000)));
    journal.appendBars(bars);
    journal.appendBars([aBar(time(60_000), { close: ticks(1) }), aBar(NOON, { timeframe: '1d' })]);
    const filter = { symbol: 'NQZ26-CME', timeframe: '1m' } as const;
    expect(journal.bars({ ...filter, limit: 10 })).toEqual(bars);
    expect(journal.bars({ ...filter, limit: 2 })).toEqual(bars.slice(2));
    expect(journal.bars({ ...filter, limit: 2, until: time(180_000) })).toEqual(bars.slice(1, 3));
    expect(journal.bars({ ...filter, limit: 2, until: time(179_999) })).toEqual(bars.slice(0, 2));
    expect(journal.lastSeq()).toBe(0);
  });
});

describe('money in the file', () => {
  it('is exact at the edge of what an integer can hold', () => {
    const journal = temporaryJournal();
    const fee = money(Number.MAX_SAFE_INTEGER);
    journal.append([at(NOON, events.fill(aFill('big', { fee, quantity: 3 })))]);
    journal.close();
    expect(mustOpen(journal.path).openLots()[0]?.lots[0]?.fee).toBe(fee);
  });

  it('lives in strict tables', () => {
    const memory = new Database(':memory:');
    for (const migration of MIGRATIONS) migration.up(memory);
    const tables = memory.prepare<[], { name: string; type: string; strict: number }>('PRAGMA table_list').all();
    memory.close();
    // The search index keeps tables of its own; what it holds is compared with the texts by verify.
    const own = tables.filter(({ name, type }) => type === 'table' && !name.startsWith('sqlite_'));
    expect(own.length).toBeGreaterThanOrEqual(8);
    expect(own.every(({ strict }) => strict === 1)).toBe(true);
  });
});
