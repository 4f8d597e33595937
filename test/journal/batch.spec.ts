import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { NOON, aBar, aDecision, aFill, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryJournal } from '#test/support/temp-journal.ts';

describe('a batch', () => {
  it('keeps everything when it ends, and its own writes are readable inside it', async () => {
    const journal = temporaryJournal();
    const reader = mustOpen(journal.path, 'read');
    const answer = await journal.batch(async () => {
      journal.append([at(NOON, events.instrument())]);
      await sleep(1);
      journal.append(aRoundTrip(1));
      journal.appendBars([aBar(NOON)]);
      expect(journal.tradeCount({})).toBe(1);
      expect(reader.lastSeq()).toBe(0);
      return 'done';
    });
    expect(answer).toBe('done');
    expect([reader.lastSeq(), reader.tradeCount({})]).toEqual([11, 1]);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });

  it('keeps nothing when its work rejects, and the journal goes on from where it was', async () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.instrument()), at(NOON, events.fill(aFill('open', { quantity: 3 })))]);
    const before = { head: journal.headHash(), lots: journal.openLots() };
    const failed = journal.batch(async () => {
      journal.append([at(NOON, events.fill(aFill('close', { quantity: 2, direction: -1, at: epochMs(NOON + 1) })))]);
      journal.appendBars([aBar(NOON)]);
      expect(journal.tradeCount({})).toBe(1);
      await sleep(1);
      throw new Error('the feed broke');
    });
    await expect(failed).rejects.toThrow('the feed broke');
    expect({ head: journal.headHash(), lots: journal.openLots() }).toEqual(before);
    expect(journal.tradeCount({})).toBe(0);
    expect(journal.bars({ symbol: 'NQZ26-CME', timeframe: '1m', limit: 5 })).toEqual([]);
    journal.append(aRoundTrip(1));
    expect(journal.lastSeq()).toBe(12);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });

  it('survives an append that was refused inside it, without half of that append', async () => {
    const journal = temporaryJournal();
    await journal.batch(async () => {
      journal.append([at(NOON, events.notice('kept'))]);
      expect(() => journal.append([at(NOON, events.notice('half')), at(NOON, events.recommendation(9))])).toThrow(
        'no decision',
      );
      journal.append([at(NOON, events.notice('also kept'))]);
      await Promise.resolve();
    });
    expect([...journal.events({ kinds: ['notice'] })].map((e) => e.event.detail)).toEqual(['kept', 'also kept']);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });

  it('is refused inside a batch', async () => {
    const journal = temporaryJournal();
    await journal.batch(async () => {
      await expect(journal.batch(() => Promise.resolve())).rejects.toThrow('already open');
      journal.append([at(NOON, events.notice('kept'))]);
    });
    expect(journal.lastSeq()).toBe(1);
  });

  it('is rolled back when the journal is closed under it', async () => {
    const journal = temporaryJournal();
    const open = journal.batch(async () => {
      journal.append([at(NOON, events.notice('lost'))]);
      await sleep(5);
    });
    journal.close();
    await expect(open).rejects.toMatchObject({ name: 'JournalWriteError', code: 'closed' });
    expect(mustOpen(journal.path).lastSeq()).toBe(0);
  });
});
