import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { NOON, aDecision, anAnnotation, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryJournal } from '#test/support/temp-journal.ts';

const time = (ms: number) => epochMs(NOON + ms);
const trade = (id: string) => ({ kind: 'trade', id }) as const;
const R1 = { kind: 'recommendation', id: 'R1' } as const;
const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

describe('an annotation', () => {
  it('is the newest word on its subject; the ones before are kept as events', () => {
    const journal = temporaryJournal();
    expect(journal.annotation(trade('t1'))).toBeNull();
    journal.append([at(time(1), events.annotation(trade('t1'), { tags: ['A+'], note: 'first', rating: 4 }))]);
    journal.append([at(time(2), events.annotation(trade('t1'), { setup: 'breakout', note: 'second' }))]);
    journal.append([at(time(3), events.annotation({ kind: 'recommendation', id: 't1' }, { note: 'another' }))]);
    expect(journal.annotation(trade('t1'))).toEqual({
      subject: trade('t1'),
      ...anAnnotation({ setup: 'breakout', note: 'second' }),
      at: time(2),
    });
    expect(journal.labels()).toEqual({ tags: [], setups: [{ label: 'breakout', count: 1 }], mistakes: [] });
    expect([...journal.events({ kinds: ['annotation'] })]).toHaveLength(3);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });

  it('counts its labels once, most used first', () => {
    const journal = temporaryJournal();
    journal.append([
      at(NOON, events.annotation(trade('a'), { tags: ['x', 'y', 'x'], mistakes: ['late'] })),
      at(NOON, events.annotation(trade('b'), { tags: ['y'] })),
      at(NOON, events.annotation(R1, { tags: ['b', 'y'], setup: 'fade' })),
    ]);
    expect(journal.labels()).toEqual({
      tags: [
        { label: 'y', count: 3 },
        { label: 'b', count: 1 },
        { label: 'x', count: 1 },
      ],
      setups: [{ label: 'fade', count: 1 }],
      mistakes: [{ label: 'late', count: 1 }],
    });
  });

  it('survives a restart, and is found in the same words after it', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.annotation(trade('a'), { note: 'waited for the retest' }))]);
    journal.close();
    const again = mustOpen(journal.path);
    expect(again.annotation(trade('a'))?.note).toBe('waited for the retest');
    expect(again.search('retest', 9)).toHaveLength(1);
  });
});

describe('search', () => {
  it('finds every word by its beginning, without case or accents, in notes, labels and reasons', () => {
    const journal = temporaryJournal();
    journal.append([
      at(time(1), events.annotation(trade('a'), { note: 'Überhastet in den Ausbruch', tags: ['break-out'] })),
      at(time(2), events.annotation(trade('b'), { mistakes: ['moved stop'], note: 'out too early' })),
      at(time(3), events.decision(1)),
      at(time(4), events.recommendation(1, 'rejected', { code: 'news', text: 'FOMC at two' })),
    ]);
    const found = (text: string) => journal.search(text, 10).map(({ subject }) => subject.id);
    expect(found('uberhastet')).toEqual(['a']);
    expect(found('AUSBR')).toEqual(['a']);
    expect(found('break-out')).toEqual(['a']);
    expect(found('stop early')).toEqual(['b']);
    expect(found('early stop')).toEqual(['b']);
    expect(found('out')).toHaveLength(2);
    expect(found('fomc')).toEqual(['R1']);
    expect(found('news')).toEqual(['R1']);
    expect(found('early fomc')).toEqual([]);
    expect(found('ut')).toEqual([]);
    expect(journal.search('fomc', 1)).toEqual([{ subject: R1, excerpt: 'news: \uE000FOMC\uE001 at two', at: time(4) }]);
  });

  it('forgets words that were written over, and keeps a reason beside a note', () => {
    const journal = temporaryJournal();
    journal.append([
      at(time(1), events.decision(1)),
      at(time(2), events.annotation(R1, { note: 'first thought' })),
      at(time(3), events.recommendation(1, 'rejected', { code: 'size', text: 'too large' })),
    ]);
    expect(journal.search('thought', 5)).toHaveLength(1);
    journal.append([at(time(4), events.annotation(R1, { note: 'second' }))]);
    expect(journal.search('thought', 5)).toEqual([]);
    expect(journal.search('second large', 5)).toMatchObject([{ subject: R1, at: time(4) }]);
    journal.append([at(time(5), events.annotation(trade('t'), { note: 'gone' }))]);
    journal.append([at(time(6), events.annotation(trade('t'), {}))]);
    expect(journal.search('gone', 5)).toEqual([]);
    expect(journal.annotation(trade('t'))).toEqual({ subject: trade('t'), ...anAnnotation(), at: time(6) });
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });

  it('takes marks out of what is searched, so that an excerpt cannot lie about its match', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.annotation(trade('a'), { note: 'one \uE000two\uE001 three' }))]);
    expect(journal.search('three', 1)[0]?.excerpt).toBe('one  two  \uE000three\uE001');
    expect(journal.annotation(trade('a'))?.note).toBe('one \uE000two\uE001 three');
  });

  it('is never a syntax error, whatever is typed', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.annotation(trade('a'), { note: 'NOT a AND b OR "c" NEAR(d) e* col:f ^g' }))]);
    const sort = { by: 'exit', isDescending: true } as const;
    const typed = (text: string) => {
      journal.search(text, 5);
      journal.tradePage({ filter: { text }, sort, limit: 5, offset: 0 });
      journal.tradeSummary({ text });
      journal.decisionPage({ filter: { text }, limit: 5, offset: 0 });
    };
    const syntax = [
      '"',
      '""',
      '*',
      'a*',
      '^',
      'NEAR(',
      'note:',
      '(',
      ')',
      '-',
      'AND',
      'OR',
      'NOT',
      'a\0b',
      '\0',
      '\\',
      "'",
      '%',
      '_',
      '{',
      '+',
    ];
    for (const text of syntax) typed(text);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...syntax, 'a', ' ', 'é', '😀', '漢字'), { maxLength: 8 }).map((p) => p.join('')),
        typed,
      ),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 40 }), typed));
    expect(journal.search('NOT', 5)).toHaveLength(1);
    expect(journal.search('AND OR', 5)).toHaveLength(1);
    expect(journal.search('c" near(d', 5)).toHaveLength(1);
  });
});

describe('attachments', () => {
  it('are recorded once and looked up by what they hold', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.attachment(A)), at(NOON, events.attachment(A)), at(NOON, events.attachment(B, 7))]);
    expect(journal.attachment(B)).toEqual({ sha256: B, mediaType: 'image/png', size: 7 });
    expect(journal.attachment('c'.repeat(64))).toBeNull();
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });

  it('are verified against the files, where they were looked at', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.attachment(A, 5)), at(NOON, events.attachment(B, 7))]);
    const findings = (files?: { sha256: string; size: number }[]) =>
      journal.verify(() => aDecision(), files).findings.map(({ seq, check }) => [seq, check]);
    expect(
      findings([
        { sha256: A, size: 5 },
        { sha256: B, size: 7 },
      ]),
    ).toEqual([]);
    expect(findings([{ sha256: A, size: 5 }])).toEqual([[2, 'attachments']]);
    expect(
      findings([
        { sha256: A, size: 4 },
        { sha256: B, size: 7 },
      ]),
    ).toEqual([[1, 'attachments']]);
    journal.append([at(NOON, events.annotation(trade('a'), { screenshots: [A, 'c'.repeat(64)] }))]);
    expect(findings()).toEqual([[3, 'attachments']]);
  });
});

describe('verify', () => {
  const aJournal = () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.annotation(trade('a'), { tags: ['x'], note: 'one two', rating: 3 }))]);
    journal.append([at(NOON, events.attachment(A))]);
    journal.close();
    return journal.path;
  };
  const tampered = (sql: string) => {
    const path = aJournal();
    const raw = new Database(path);
    raw.exec(sql);
    raw.close();
    return mustOpen(path);
  };

  it.each([
    ['a changed note', `UPDATE annotations SET body = replace(body, 'one', 'eno')`, 'derived'],
    ['a changed rating', 'UPDATE annotations SET rating = 5', 'derived'],
    ['a label nobody gave', `INSERT INTO labels VALUES ('tag', 'z', 'trade', 'a')`, 'derived'],
    ['a removed attachment', 'DELETE FROM attachments', 'derived'],
    ['a changed text', `UPDATE texts SET note = 'other words'`, 'derived'],
    ['a search index without a text', `INSERT INTO texts_search (texts_search) VALUES ('delete-all')`, 'search'],
    [
      'a word too many in the search index',
      `INSERT INTO texts_search (rowid, labels, note, reason) VALUES (9, '', 'ghost', '')`,
      'search',
    ],
  ])('notices %s, and a rebuild puts it right', (_, sql, check) => {
    const journal = tampered(sql);
    expect(journal.verify(() => aDecision()).findings[0]).toMatchObject({ check });
    journal.rebuild();
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
    expect(journal.search('two', 5)).toHaveLength(1);
  });
});
