import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { VerifyReport } from '#desk/ports/journal.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import { NOON, aDecision, aFill, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';
import { generator } from '#test/support/random.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';
import { epochMs } from '#shared/units.ts';

const recompute = () => aDecision();

/** A closed journal of three round trips and an open position, all of it in the one file. */
function closedJournal(): string {
  const journal = mustOpen(join(temporaryFolder(), 'journal.db'));
  journal.append([at(NOON, events.opened()), at(NOON, events.instrument())]);
  for (const n of [1, 2, 3]) journal.append(aRoundTrip(n, epochMs(NOON + n * 100_000)));
  journal.append([at(NOON, events.fill(aFill('open', { at: epochMs(NOON + 900_000), quantity: 2 })))]);
  journal.close();
  return journal.path;
}

/** Changes a journal as a vandal with SQL would: triggers off, one statement, triggers back on. */
function tamper(path: string, sql: string): void {
  const raw = new Database(path);
  const triggers = raw.prepare<[], { sql: string }>(`SELECT sql FROM sqlite_schema WHERE type = 'trigger'`).all();
  const names = raw.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).pluck().all();
  raw.pragma('foreign_keys = OFF');
  for (const name of names) raw.exec(`DROP TRIGGER ${name}`);
  raw.exec(sql);
  for (const trigger of triggers) raw.exec(trigger.sql);
  raw.close();
}

const verify = (path: string): VerifyReport => mustOpen(path, 'read').verify(recompute);

describe('verify', () => {
  it('counts and names what it checked in a sound journal', () => {
    const report = verify(closedJournal());
    expect(report).toMatchObject({ isSound: true, events: 33, decisions: 3, fills: 7, trades: 3, findings: [] });
    expect(report.headHash).toMatch(/^[0-9a-f]{64}$/);
    expect(report.checks).toHaveLength(9);
  });

  it('finds an empty journal sound', () => {
    const journal = mustOpen(join(temporaryFolder(), 'journal.db'));
    expect(journal.verify(recompute)).toMatchObject({ isSound: true, events: 0, headHash: null });
  });

  const cases: readonly (readonly [what: string, sql: string, check: string, seq: number | null])[] = [
    ['a changed body', `UPDATE events SET body = replace(body, '84001', '84002') WHERE seq = 3`, 'chain', 3],
    ['a changed time', 'UPDATE events SET at = at + 1 WHERE seq = 4', 'chain', 4],
    ['a changed kind', `UPDATE events SET kind = 'stopped' WHERE seq = 5`, 'chain', 5],
    ['a changed subject', `UPDATE events SET subject = 'R9' WHERE seq = 3`, 'events', 3],
    ['a changed hash', `UPDATE events SET hash = upper(hash) WHERE seq = 6`, 'chain', 6],
    ['a removed event', 'DELETE FROM events WHERE seq = 7', 'chain', 8],
    ['a removed end', 'DELETE FROM events WHERE seq = 33', 'integrity', null],
    ['a changed order', `UPDATE orders SET body = replace(body, 'filled', 'failed') WHERE seq = 5`, 'derived', null],
    ['an order reopened', 'UPDATE orders SET is_open = 1 WHERE seq = 5', 'derived', null],
    ['a changed fill', 'UPDATE fills SET price = price + 1 WHERE seq = 9', 'derived', null],
    ['a removed fill', 'DELETE FROM fills WHERE seq = 9', 'derived', null],
    ['a changed trade', `UPDATE trades SET net = net + 1, r = r WHERE recommendation_id = 'R2'`, 'derived', null],
    ['a changed lot', 'UPDATE lots SET used = used + 1', 'derived', null],
    ['a removed trade', `DELETE FROM trades WHERE recommendation_id = 'R2'`, 'derived', null],
    ['another tick value', 'UPDATE instruments SET tick_value = 1', 'derived', null],
    ['a changed day', 'UPDATE trade_days SET r_sum = r_sum + 1e-9', 'derived', null],
    [
      'a decision filed under another symbol',
      `UPDATE decisions SET symbol = 'ESZ26-CME' WHERE seq = 3`,
      'derived',
      null,
    ],
    ['a decision without its end', 'UPDATE decisions SET status_seq = NULL WHERE seq = 3', 'derived', null],
  ];
  it.each(cases)('notices %s', (_, sql, check, seq) => {
    const path = closedJournal();
    tamper(path, sql);
    const report = verify(path);
    expect(report.isSound).toBe(false);
    expect(report.findings[0]).toMatchObject({ check, seq });
  });

  it('notices a rewritten chain whose orders no longer follow from it', () => {
    const path = closedJournal();
    const raw = new Database(path);
    raw.exec('DROP TRIGGER events_are_never_changed');
    raw.close();
    expect(verify(path).findings[0]).toMatchObject({ check: 'schema' });
  });

  it('names the first decision that recomputes to another answer', () => {
    const path = closedJournal();
    const journal = mustOpen(path, 'read');
    const report = journal.verify(() => aDecision({ winProbability: 0.684 + Number.EPSILON / 2 }));
    expect(report.findings.map(({ seq, check }) => [seq, check])).toEqual([
      [3, 'decisions'],
      [13, 'decisions'],
      [23, 'decisions'],
    ]);
    const thrown = journal.verify(() => {
      throw new Error('no engine');
    });
    expect(thrown.findings[0]?.detail).toContain('no engine');
  });

  it('notices an older copy in the place of the journal, and one that was made anew', () => {
    const path = closedJournal();
    const older = join(temporaryFolder(), 'older.db');
    copyFileSync(path, older);
    const journal = mustOpen(path);
    journal.append([at(NOON, events.notice('later'))]);
    journal.close();
    expect(verify(path).findings).toEqual([]);
    copyFileSync(older, path);
    expect(verify(path).findings).toMatchObject([{ check: 'anchor', detail: expect.stringContaining('34') as string }]);
    const other = mustOpen(join(temporaryFolder(), 'other.db'));
    for (let n = 0; n < 40; n += 1) other.append([at(NOON, events.notice('other'))]);
    other.close();
    copyFileSync(other.path, path);
    expect(verify(path).findings).toMatchObject([
      { check: 'anchor', detail: expect.stringContaining('another') as string },
    ]);
  });

  it('is put right by a rebuild where only derived rows were damaged', () => {
    const path = closedJournal();
    tamper(path, 'DELETE FROM trades; DELETE FROM lots; UPDATE orders SET is_open = 1; DELETE FROM decisions;');
    const journal = mustOpen(path);
    expect(journal.verify(recompute).isSound).toBe(false);
    journal.rebuild();
    expect(journal.verify(recompute)).toMatchObject({ isSound: true, trades: 3 });
  });
});

describe('flipped bits', () => {
  /** Where in the file the text of decision, order and fill events lies: bodies in pieces of 16 bytes, and hashes. */
  function targets(path: string): readonly number[] {
    const raw = new Database(path, { readonly: true });
    const rows = raw
      .prepare<[], { body: string; hash: string }>(
        `SELECT body, hash FROM events WHERE kind IN ('decision', 'intent', 'order', 'fill', 'recommendation')`,
      )
      .all();
    raw.close();
    const bytes = readFileSync(path);
    const offsets = new Set<number>();
    for (const { body, hash } of rows) {
      const text = Buffer.from(body);
      const pieces = Array.from({ length: Math.floor(text.length / 16) }, (_, i) => text.subarray(i * 16, i * 16 + 16));
      // A hash stands in its own row, and as the link in the next.
      for (const piece of [...pieces, hash]) {
        for (let i = bytes.indexOf(piece); i >= 0; i = bytes.indexOf(piece, i + 1)) offsets.add(i);
      }
    }
    return [...offsets];
  }

  /** Every byte of every row, as SQLite reads it; null where it cannot. */
  function contents(path: string): string | null {
    const raw = new Database(path, { readonly: true });
    try {
      const tables = raw.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all();
      const rows = [...tables, 'sqlite_schema'].map((table) => {
        const columns = raw.prepare(`SELECT * FROM ${table}`).columns();
        const blobs = columns.map(({ name }) => `hex(CAST("${name}" AS BLOB))`).join(', ');
        return raw.prepare(`SELECT ${blobs} FROM ${table}`).raw().all();
      });
      return JSON.stringify(rows);
    } catch {
      return null;
    } finally {
      raw.close();
    }
  }

  it(
    'in decisions, orders and fills are all noticed',
    () => {
      const path = closedJournal();
      const places = targets(path);
      expect(places.length).toBeGreaterThan(500);
      const random = generator(20_260_603);
      const pick = (n: number): number => Math.floor(random() * n);
      const copy = join(temporaryFolder(), 'flipped.db');
      const original = contents(path);
      const missed: string[] = [];
      let flips = 0;
      while (flips < rounds(200)) {
        const bytes = readFileSync(path);
        const offset = (places[pick(places.length)] ?? 0) + pick(16);
        const bit = pick(8);
        bytes[offset] = (bytes[offset] ?? 0) ^ (1 << bit);
        writeFileSync(copy, bytes);
        // Pages keep stale copies of moved rows in their free space: a flip there changes nothing that is read.
        if (contents(copy) === original) continue;
        flips += 1;
        const opened = openJournal({ path: copy, mode: 'read' });
        const isNoticed = !opened.ok || !opened.value.verify(recompute).isSound;
        if (opened.ok) opened.value.close();
        if (!isNoticed) missed.push(`bit ${bit} of byte ${offset}`);
      }
      expect(missed).toEqual([]);
    },
    timeLimit(60_000),
  );
});
