import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { freezeWhole } from '#shared/frozen.ts';
import { moneyFromUsd } from '#shared/units.ts';
import { parseRecord } from '#desk/journal/event-codec.ts';
import type { RecordedSnapshot } from '#desk/journal/event-record.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import { REACH } from '#desk/journal/written-parts.ts';
import type { JournalEvent, JournalEventOf } from '#desk/ports/events.ts';
import { NOON, aConfig, aDecision, aSnapshot, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder, temporaryJournal } from '#test/support/temp-journal.ts';

const recompute = () => aDecision();

/** The snapshots of a journal as they are stored, by their events. */
function stored(path: string): ReadonlyMap<number, RecordedSnapshot> {
  const raw = new Database(path, { readonly: true });
  const rows = raw.prepare<[], { seq: number; body: string }>('SELECT seq, body FROM events').all();
  raw.close();
  const all = rows.map(({ seq, body }) => ({ seq, record: parseRecord(body) }));
  return new Map(all.flatMap(({ seq, record }) => (record.kind === 'decision' ? [[seq, record.snapshot]] : [])));
}

const decisionsOf = (journal: SqliteJournal): readonly JournalEventOf<'decision'>[] =>
  [...journal.events({ kinds: ['decision'] })].map(({ event }) => event);

const exposure = (symbol: string) => ({
  ...{ symbol, root: symbol.slice(0, 2), direction: 1 as const, contracts: 1 },
  ...{ risk: moneyFromUsd(200), margin: moneyFromUsd(900) },
});

type Parts = Partial<Pick<SizingSnapshot, 'calibrator' | 'config' | 'correlations' | 'exposures'>>;
const decision = (n: number, parts: Parts = {}): JournalEvent => events.decision(n, { snapshot: aSnapshot(parts) });

describe('parts of decisions that stay the same', () => {
  it('are written once, and named after that', () => {
    const journal = temporaryJournal();
    const [first, second] = [decision(1), decision(2)];
    const changed = decision(3, { config: aConfig({ maxContracts: 4 }) });
    journal.append([at(NOON, first), at(NOON, second)]);
    journal.append([at(NOON, changed)]);
    const parts = stored(journal.path);
    expect(parts.get(1)).not.toHaveProperty('same');
    expect(parts.get(2)?.same).toEqual({ calibrator: 1, config: 1, correlations: 1, exposures: 1 });
    expect(Object.keys(parts.get(2) ?? {})).not.toContain('config');
    expect(parts.get(3)?.same).toEqual({ calibrator: 1, correlations: 1, exposures: 1 });
    expect(parts.get(3)?.config?.maxContracts).toBe(4);
    expect(decisionsOf(journal)).toEqual([first, second, changed]);
    expect(journal.verify(recompute).findings).toEqual([]);
  });

  it('are one value for all who read them, which nobody can change', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, decision(1)), at(NOON, decision(2)), at(NOON, decision(3))]);
    const [, second, third] = decisionsOf(journal);
    expect(second?.snapshot.config).toBe(third?.snapshot.config);
    expect(() => Object.assign(second?.snapshot.config ?? {}, { maxContracts: 9 })).toThrow(TypeError);
  });

  it('are written again when what holds them is far back', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, decision(1))]);
    journal.append(Array.from({ length: REACH - 2 }, () => at(NOON, events.equity(1))));
    journal.append([at(NOON, decision(2)), at(NOON, decision(3)), at(NOON, decision(4))]);
    const parts = stored(journal.path);
    expect(parts.get(REACH)?.same?.config).toBe(1);
    expect(parts.get(REACH + 1)).not.toHaveProperty('same');
    expect(parts.get(REACH + 2)?.same?.config).toBe(REACH + 1);
    expect(decisionsOf(journal)).toEqual([1, 2, 3, 4].map((n) => decision(n)));
  });

  it('are found from any decision, in any order', () => {
    const journal = temporaryJournal();
    const made = Array.from({ length: 40 }, (_, n) => decision(n + 1, { exposures: [exposure(`E${n % 7}`)] }));
    journal.append(made.map((one) => at(NOON, one)));
    journal.close();
    const again = mustOpen(journal.path, 'read');
    for (const n of [40, 7, 33, 8, 1, 39]) expect(again.decision(`R${n}`)?.decision.event).toEqual(made[n - 1]);
    const { rows } = again.decisionPage({ filter: {}, limit: 10, offset: 5 });
    expect(rows.map((row) => row.decision.event)).toEqual(made.slice(25, 35).reverse());
    expect(again.after(38, 5).map(({ event }) => event)).toEqual(made.slice(38));
  });

  it('are not what a rolled back transaction wrote, for whoever had read it', async () => {
    const journal = temporaryJournal();
    const gone = decision(1, { config: aConfig({ maxContracts: 1 }) });
    const failed = journal.batch(async () => {
      journal.append([at(NOON, gone), at(NOON, decision(2, { config: aConfig({ maxContracts: 1 }) }))]);
      expect(decisionsOf(journal)).toHaveLength(2);
      await Promise.resolve();
      throw new Error('given up');
    });
    await expect(failed).rejects.toThrow('given up');
    const kept = [3, 4].map((n) => decision(n, { config: aConfig({ maxContracts: 3 }) }));
    const back = decision(5, { config: aConfig({ maxContracts: 1 }) });
    journal.append([...kept, back].map((one) => at(NOON, one)));
    expect(decisionsOf(journal)).toEqual([...kept, back]);
    expect(stored(journal.path).get(3)?.same).toEqual({ calibrator: 1, correlations: 1, exposures: 1 });
    expect(journal.verify(recompute).findings).toEqual([]);
  });

  it('make the same bytes whatever was restarted, refused or frozen in between', () => {
    const pools = {
      config: [1, 2, 3].map((maxContracts) => aConfig({ maxContracts })),
      exposures: [[], [exposure('ES')], [exposure('ES'), exposure('NQ')]],
      calibrator: [1, 2].map((a) => ({ kind: 'platt' as const, version: `p${a}`, a, b: 0 })),
    };
    const step = fc.record({
      config: fc.nat({ max: 2 }),
      exposures: fc.nat({ max: 2 }),
      calibrator: fc.nat({ max: 1 }),
      isFrozen: fc.boolean(),
      before: fc.constantFrom<'none' | 'restart' | 'refused' | 'others'>(
        'none',
        'none',
        'restart',
        'refused',
        'others',
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 12 }), (steps) => {
        const folder = temporaryFolder();
        const plain = mustOpen(join(folder, 'plain.db'));
        let troubled = mustOpen(join(folder, 'troubled.db'));
        const made = steps.map(({ config, exposures, calibrator, isFrozen, before }, n) => {
          const parts = {
            ...{ config: pools.config[config], exposures: pools.exposures[exposures] },
            ...{ calibrator: pools.calibrator[calibrator] },
          } as Required<Parts>;
          const own = structuredClone(parts);
          if (before === 'restart') {
            troubled.close();
            troubled = mustOpen(troubled.path);
          }
          if (before === 'refused') {
            // The second of one id is refused, and the first goes with it.
            const twice = at(NOON, decision(1_000 + n, { ...own, config: aConfig({ maxContracts: 9 }) }));
            expect(() => troubled.append([twice, twice])).toThrow('already has a decision');
          }
          const others = before === 'others' ? Array.from({ length: REACH / 2 }, () => at(NOON, events.equity(1))) : [];
          plain.append([...others, at(NOON, decision(n, parts))]);
          troubled.append([...others, at(NOON, decision(n, isFrozen ? freezeWhole(own) : own))]);
          return decision(n, parts);
        });
        expect(troubled.headHash()).toBe(plain.headHash());
        expect(decisionsOf(troubled)).toEqual(made);
        expect(decisionsOf(plain)).toEqual(made);
        expect(plain.verify(recompute).findings).toEqual([]);
        plain.close();
        troubled.close();
      }),
      { numRuns: 20 },
    );
  });

  it('are told as missing where the event that is named does not hold them', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.equity(1)), at(NOON, decision(1))]);
    const [record] = [...stored(journal.path).values()];
    const rest = Object.fromEntries(Object.entries(record ?? {}).filter(([field]) => field !== 'config'));
    const naming = (config: number | undefined, snapshot: object | undefined = rest) => ({
      at: NOON,
      record: { ...decision(2), snapshot: { ...snapshot, ...(config !== undefined && { same: { config } }) } } as never,
    });
    const before = journal.headHash();
    // Not a decision, itself, not there yet.
    for (const wrong of [1, 3, 4]) {
      expect(() => journal.appendRecords([naming(wrong)])).toThrow(`event 3: config is not in event ${wrong}`);
    }
    expect(() => journal.appendRecords([naming(undefined)])).toThrow('event 3: config: a decision holds each part');
    expect(() => journal.appendRecords([naming(2, record)])).toThrow('event 3: config: a decision holds each part');
    expect(journal.headHash()).toBe(before);
    expect(journal.appendRecords([naming(2)]).map(({ event }) => event)).toEqual([decision(2)]);
    // What it names holds the others, and not this.
    expect(() => journal.appendRecords([naming(3)])).toThrow('event 4: config is not in event 3');
  });

  it('are found missing by verify, and by whoever reads them', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, decision(1)), at(NOON, decision(2))]);
    journal.close();
    const raw = new Database(journal.path);
    raw.exec('DROP TRIGGER events_are_never_changed');
    raw.prepare(`UPDATE events SET body = replace(body, '"config":1', '"config":7') WHERE seq = 2`).run();
    raw.close();
    const damaged = mustOpen(journal.path, 'read');
    const told = 'event 2: config is not in event 7';
    expect(damaged.verify(recompute).findings).toContainEqual(
      expect.objectContaining({ seq: 2, check: 'events', detail: expect.stringContaining(told) as string }),
    );
    expect(() => damaged.decision('R2')).toThrow(told);
    expect(damaged.decision('R1')?.decision.event).toEqual(decision(1));
  });
});
