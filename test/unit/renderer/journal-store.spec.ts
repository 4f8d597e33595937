import { beforeEach, describe, expect, it, vi } from 'vitest';
import { setClient } from '#renderer/src/api/client.ts';
import {
  adoptAnnotation,
  attachPictures,
  BLANK,
  isUnsaved,
  isWriting,
  saveAnnotation,
  subjectKey,
  useAnnotations,
  write,
} from '#renderer/src/store/annotations.ts';
import { base64Of, bytesOf, downloadFile, uploadFile } from '#renderer/src/store/files.ts';
import { answer, forgetImport, mergeQuestions, runImport, takeFile, useImport } from '#renderer/src/store/import.ts';
import {
  changeFilter,
  clearFilter,
  closeDetail,
  decisionQuery,
  followRows,
  moveSelected,
  openSelected,
  selectIndex,
  tradeList,
  useJournal,
} from '#renderer/src/store/journal.ts';
import { createPagedList } from '#renderer/src/store/paged-list.ts';
import { createReading } from '#renderer/src/store/reading.ts';
import { DeskError } from '#shared/contract/errors.ts';
import { UPLOAD_PART_BYTES } from '#shared/contract/journal-operations.ts';
import type { DeskClient } from '#shared/contract/wire.ts';
import type { Subject } from '#shared/domain/annotation.ts';
import { sessionStart } from '#shared/session-day.ts';
import { createJournalDesk } from '#test/support/journal-desk.ts';

/** A client that calls the handlers of a desk in memory, without a wire. */
function clientOf(handlers: object): DeskClient {
  const byName = new Map<string, (input: unknown) => unknown>(Object.entries(handlers));
  const none = () => () => undefined;
  return {
    call: (name: string, input: unknown) => Promise.resolve().then(() => byName.get(name)?.(input)),
    on: none,
    onResync: none,
    onLink: none,
    close: () => undefined,
  } as unknown as DeskClient;
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
const deferred = <T>() => {
  let resolve: (value: T) => void = () => undefined;
  let reject: (cause: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
};

describe('a long list', () => {
  const load = ({ query, limit, offset }: { query: string; limit: number; offset: number }) =>
    Promise.resolve({ total: 1_000, rows: Array.from({ length: limit }, (_, i) => `${query}${offset + i}`) });

  it('reads only the pages on screen and lets those far away go', async () => {
    const asked: number[] = [];
    const list = createPagedList<string, string>({
      load: (request) => {
        asked.push(request.offset);
        return load(request);
      },
      pageSize: 10,
      keep: 3,
    });
    list.show('a');
    await settle();
    expect(list.at(3)).toBe('a3');
    list.need(495, 512);
    await settle();
    expect([list.at(500), list.at(511)]).toEqual(['a500', 'a511']);
    for (const at of [520, 530, 540]) {
      list.need(at, at + 5);
      await settle();
    }
    expect(Object.keys(list.use.getState().pages)).toHaveLength(3);
    expect(list.at(3)).toBeUndefined();
    expect(asked).toEqual([0, 490, 500, 510, 520, 530, 540]);
  });

  it('asks for the newest wish only, however fast it is scrolled', async () => {
    const gates = new Map<number, ReturnType<typeof deferred<{ total: number; rows: string[] }>>>();
    const list = createPagedList<string, string>({
      load: ({ offset }) => {
        const gate = deferred<{ total: number; rows: string[] }>();
        gates.set(offset, gate);
        return gate.promise;
      },
      pageSize: 10,
    });
    list.show('a');
    gates.get(0)?.resolve({ total: 1_000, rows: ['x'] });
    await settle();
    for (const at of [100, 200, 300, 400, 500]) list.need(at, at + 5);
    expect([...gates.keys()]).toEqual([0, 100, 200]);
    gates.get(100)?.resolve({ total: 1_000, rows: [] });
    await settle();
    expect([...gates.keys()]).toEqual([0, 100, 200, 500]);
  });

  it('keeps the old rows while a new query is on its way, and drops answers that were overtaken', async () => {
    const gates: ReturnType<typeof deferred<{ total: number; rows: string[] }>>[] = [];
    const list = createPagedList<string, string>({
      load: () => {
        const gate = deferred<{ total: number; rows: string[] }>();
        gates.push(gate);
        return gate.promise;
      },
    });
    list.show('a');
    gates[0]?.resolve({ total: 1, rows: ['old'] });
    await settle();
    list.show('b');
    list.show('c');
    expect(list.use.getState()).toMatchObject({ isSwitching: true });
    expect(list.at(0)).toBe('old');
    gates[2]?.resolve({ total: 1, rows: ['c'] });
    await settle();
    gates[1]?.resolve({ total: 9, rows: ['b'] });
    await settle();
    expect(list.at(0)).toBe('c');
    expect(list.use.getState()).toMatchObject({ total: 1, isSwitching: false });
  });

  it('says why it could not be read, keeps what it has, and tries again when asked', async () => {
    let isDown = false;
    const list = createPagedList<string, string>({
      load: (request) => (isDown ? Promise.reject(new Error('no disk')) : load(request)),
      pageSize: 10,
    });
    list.show('a');
    await settle();
    isDown = true;
    list.refresh();
    await settle();
    expect(list.use.getState().failure).toBe('no disk');
    expect(list.at(0)).toBe('a0');
    isDown = false;
    list.refresh();
    await settle();
    expect(list.use.getState().failure).toBeNull();
  });
});

describe('a reading', () => {
  it('drops an answer that another question has overtaken, and asks the same one once', async () => {
    const gates: ReturnType<typeof deferred<string>>[] = [];
    const reading = createReading<string, string>(() => {
      const gate = deferred<string>();
      gates.push(gate);
      return gate.promise;
    });
    reading.show('a');
    reading.show('a');
    reading.show('b');
    expect(gates).toHaveLength(2);
    gates[1]?.resolve('B');
    gates[0]?.resolve('A');
    await settle();
    expect(reading.use.getState()).toMatchObject({ answered: 'b', value: 'B', isReading: false });
  });
});

describe('files', () => {
  it('keep every byte through base64', () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 256);
    expect(bytesOf(base64Of(bytes))).toEqual(bytes);
  });
});

describe('the journal screen’s store', () => {
  const trade: Subject = { kind: 'trade', id: 'T|1' };
  const writing = () => {
    const held = useAnnotations.getState().byKey[subjectKey(trade)];
    if (!isWriting(held)) throw new Error('nothing is written');
    return held;
  };

  beforeEach(() => {
    const desk = createJournalDesk({ trades: 300 });
    desk.close();
    setClient(clientOf(desk.handlers));
    useAnnotations.setState({ byKey: {} });
    forgetImport();
    clearFilter();
    closeDetail();
  });

  it('hands a file over in parts and reads an export back whole', async () => {
    const parts: number[] = [];
    const uploadId = await uploadFile(new File([new Uint8Array(450_000)], 'a.csv'), {
      onProgress: ({ done }) => parts.push(done),
    });
    expect(uploadId).not.toBe('');
    expect(parts.slice(0, 2)).toEqual([UPLOAD_PART_BYTES, 2 * UPLOAD_PART_BYTES]);
    expect(parts.at(-1)).toBe(450_000);
    expect(parts).toHaveLength(Math.ceil(450_000 / UPLOAD_PART_BYTES));
    const { blob, fileName } = await downloadFile({ what: 'trades', format: 'json', filter: { origin: 'all' } });
    expect(fileName).toBe('kelly-desk-trades.json');
    expect(JSON.parse(await blob.text())).toEqual({ what: 'trades', format: 'json', rows: 300 });
  });

  it('refuses an empty file before anything is sent', async () => {
    await takeFile(new File([], 'empty.csv'));
    expect(useImport.getState()).toMatchObject({ phase: 'choosing', failure: 'empty.csv is empty.' });
  });

  it('keeps a condition away when it is emptied', () => {
    changeFilter({ tag: 'news', symbol: 'X' });
    changeFilter({ tag: undefined, symbol: '' });
    expect(useJournal.getState().filter).toEqual({ origin: 'all' });
  });

  it('turns session days into the moments they begin and end', () => {
    expect(decisionQuery({ fromDay: '2026-08-03', toDay: '2026-08-03' })).toEqual({
      from: sessionStart('2026-08-03'),
      to: sessionStart('2026-08-04'),
    });
  });

  it('moves through the list, and an open detail follows', async () => {
    tradeList.show({ filter: { origin: 'all' }, sort: { by: 'net', isDescending: true } });
    await vi.waitFor(() => expect(tradeList.at(0)).toBeDefined());
    moveSelected('trades', 1);
    openSelected('trades');
    expect(useJournal.getState().open).toMatchObject({ trade: { id: tradeList.at(0)?.id } });
    moveSelected('trades', 1);
    expect(useJournal.getState().open).toMatchObject({ trade: { id: tradeList.at(1)?.id } });
    moveSelected('trades', -9);
    expect(useJournal.getState().selection.trades?.index).toBe(0);
  });

  it('keeps the selected row selected when another comes before it', async () => {
    tradeList.show({ filter: { origin: 'all' }, sort: { by: 'net', isDescending: false } });
    await vi.waitFor(() => expect(tradeList.at(5)).toBeDefined());
    selectIndex('trades', 5);
    const id = tradeList.at(5)?.id;
    const [first, ...rest] = tradeList.use.getState().pages[0] ?? [];
    tradeList.use.setState({ pages: { 0: [first!, { ...first!, id: 'new' }, ...rest] } });
    followRows('trades');
    expect(useJournal.getState().selection.trades).toEqual({ index: 6, id });
  });

  it('saves what is written, and keeps every word when saving fails', async () => {
    adoptAnnotation(trade, null);
    write(trade, { note: 'first', rating: 3 });
    await saveAnnotation(trade);
    expect(writing()).toMatchObject({ state: 'idle', failure: null, saved: { note: 'first', rating: 3 } });
    expect(isUnsaved(writing())).toBe(false);
    const broken = createJournalDesk({ trades: 1, failing: new Set(['journal.annotate']) });
    broken.close();
    setClient(clientOf(broken.handlers));
    write(trade, { note: 'second' });
    await saveAnnotation(trade);
    expect(writing()).toMatchObject({ state: 'idle', draft: { note: 'second' }, saved: { note: 'first' } });
    expect(writing().failure).toContain('Incident');
  });

  it('never overwrites what waits to be saved by what the desk holds', () => {
    adoptAnnotation(trade, null);
    write(trade, { note: 'mine' });
    adoptAnnotation(trade, { subject: trade, ...BLANK, note: 'theirs', at: sessionStart('2026-08-03') });
    expect(writing().draft.note).toBe('mine');
  });

  it('keeps a picture once, and refuses what is none', async () => {
    adoptAnnotation(trade, null);
    const picture = new File([new Uint8Array([1, 2, 3])], 'a.png', { type: 'image/png' });
    await attachPictures(trade, [picture, picture]);
    expect(writing().draft.screenshots).toHaveLength(1);
    await attachPictures(trade, [new File(['x'], 'a.pdf', { type: 'application/pdf' })]);
    expect(writing().failure).toContain('a.pdf is not a picture');
  });

  it('asks, answers and imports; an answered question stays to be changed', async () => {
    await takeFile(new File(['a,b\n1,2\n'], 'orders.csv'));
    expect(useImport.getState().preview?.questions).toHaveLength(3);
    await runImport();
    expect(useImport.getState().phase).toBe('ready');
    await answer({ timeZone: 'UTC', account: 'A', contracts: { 'CME_MINI:MNQ1!': 'MNQU26-CME' } });
    expect(useImport.getState().asked).toHaveLength(3);
    expect(useImport.getState().preview?.questions).toEqual([]);
    await runImport();
    expect(useImport.getState()).toMatchObject({ phase: 'done', report: { added: 8, known: 2 } });
  });

  it('keeps the file in hand when the import fails', async () => {
    await takeFile(new File(['a,b\n1,2\n'], 'orders.csv'));
    await answer({ timeZone: 'UTC', account: 'A', contracts: { 'CME_MINI:MNQ1!': 'MNQU26-CME' } });
    const refusing = createJournalDesk({ trades: 1 });
    refusing.close();
    const import_ = () => Promise.reject(new DeskError({ code: 'refused', message: 'A position is open.' }));
    setClient(clientOf({ ...refusing.handlers, 'journal.import': import_ }));
    await runImport();
    expect(useImport.getState()).toMatchObject({ phase: 'ready', failure: 'A position is open.', report: null });
    expect(useImport.getState().preview?.canImport).toBe(true);
  });

  it('merges questions by field and key, the newest wording counting', () => {
    const asked = (key: string | null, text: string) => ({ field: 'contracts' as const, key, text, choices: [] });
    expect(mergeQuestions([asked('A', 'old'), asked('B', 'old')], [asked('B', 'new'), asked('C', 'new')])).toEqual([
      asked('A', 'old'),
      asked('B', 'new'),
      asked('C', 'new'),
    ]);
  });
});
