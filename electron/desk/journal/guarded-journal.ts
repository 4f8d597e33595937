import type { Order } from '#shared/domain/order.ts';
import { type Result, ok } from '#shared/result.ts';
import type { EpochMs } from '#shared/units.ts';
import type { StoredEvent } from '#desk/ports/events.ts';
import type { Durability, NewEvent } from '#desk/ports/journal.ts';
import { JournalWriteError, type JournalOpenError } from './errors.ts';
import { type OpenJournalOptions, type SqliteJournal, openJournal } from './open-journal.ts';
import { chainFault, makeStandby } from './standby.ts';
import type { Head } from './writer.ts';

/**
 * Where a desk writes. `main`: its journal, and nothing has failed. `reopened`: the journal after its disk failed and
 * the file was found whole. `standby`: a file beside it. `none`: nowhere; it can only be read.
 */
export type Footing = 'main' | 'reopened' | 'standby' | 'none';

/** What became of a journal whose disk failed. */
export type JournalTrouble = {
  readonly footing: Exclude<Footing, 'main'>;
  /** The file that is written from now on, or was. */
  readonly path: string;
  /** What failed, in the system's words. */
  readonly detail: string;
  /** False when a part of what was acknowledged is only in the suspect file. */
  readonly isWhole: boolean;
};

/** A journal that goes on, for what reduces risk, after its disk has failed. */
export interface GuardedJournal extends SqliteJournal {
  footing(): Footing;
  /** Tells every change of footing, also one that was before. */
  onTrouble(listener: (trouble: JournalTrouble) => void): void;
}

export type GuardedJournalOptions = Omit<OpenJournalOptions, 'mode'> & {
  /** Names the standby. */
  readonly now: () => EpochMs;
};

/** What an event was, kept as a notice where the file it belongs to does not have what it is about. */
const asNotices = (events: readonly NewEvent[]): readonly NewEvent[] =>
  events.map(({ at, event }) => ({
    at,
    event: {
      kind: 'notice',
      level: 'warn',
      title: `Recorded apart: ${event.kind}`,
      detail: JSON.stringify(event),
    },
  }));

/** Orders whose roles are remembered; of others they are read. */
const ROLES_KEPT = 256;

/** The journal in use, and how it came to be that one. */
class Guard {
  current: SqliteJournal;
  footing: Footing = 'main';
  isWhole = true;
  trouble: JournalTrouble | null = null;
  readonly listeners = new Set<(trouble: JournalTrouble) => void>();
  /** The roles of the newest orders: an order is sent right after its intent. */
  readonly #roles = new Map<string, Order['role']>();
  readonly #main: string;
  readonly #options: GuardedJournalOptions;

  constructor(journal: SqliteJournal, options: GuardedJournalOptions) {
    this.current = journal;
    this.#main = journal.path;
    this.#options = options;
  }

  append(events: readonly NewEvent[], durability?: Durability): readonly StoredEvent[] {
    const isRisk = this.#addsRisk(events);
    if (isRisk && this.footing !== 'main') throw new JournalWriteError('suspect', this.current.path);
    const before: Head = { seq: this.current.lastSeq(), hash: this.current.headHash() };
    try {
      const stored = this.#store(events, durability);
      // Kept, and yet the disk failed behind it: the next write would be refused.
      if (this.current.needsReopen()) this.#recover('a checkpoint failed');
      return stored;
    } catch (error) {
      if (!this.#isLost(error)) throw error;
      this.#recover(error.message);
      if (isRisk) throw error;
      return this.#again(events, before);
    }
  }

  /** Does work that writes and can simply be done again. */
  write<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!this.#isLost(error)) throw error;
      this.#recover(error.message);
      return work();
    }
  }

  /** A batch is one transaction: it is not carried over, and what called it hears of the failure. */
  async batch<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.current.batch(work);
    } catch (error) {
      if (this.#isLost(error)) this.#recover(error.message);
      throw error;
    }
  }

  checkpoint(): void {
    try {
      this.current.checkpoint();
    } catch (error) {
      if (this.#isLost(error)) this.#recover(error.message);
      throw error;
    }
  }

  /** An entry's intent, or the note that it is being sent: what lets new risk leave. */
  #addsRisk(events: readonly NewEvent[]): boolean {
    return events.some(({ event }) => {
      if (event.kind === 'intent') return this.#noteRole(event.terms) === 'entry';
      return event.kind === 'order' && event.event.kind === 'send-attempt' && this.#roleOf(event) === 'entry';
    });
  }

  #noteRole({ clientOrderId, role }: Pick<Order, 'clientOrderId' | 'role'>): Order['role'] {
    this.#roles.set(clientOrderId, role);
    const [oldest] = this.#roles.keys();
    if (this.#roles.size > ROLES_KEPT && oldest !== undefined) this.#roles.delete(oldest);
    return role;
  }

  #roleOf({ clientOrderId }: Pick<Order, 'clientOrderId'>): Order['role'] | undefined {
    return this.#roles.get(clientOrderId) ?? this.current.order(clientOrderId)?.role;
  }

  #isLost(error: unknown): error is JournalWriteError {
    return error instanceof JournalWriteError && this.current.needsReopen() && !this.current.isInBatch();
  }

  #store(events: readonly NewEvent[], durability?: Durability): readonly StoredEvent[] {
    if (this.isWhole) return this.current.append(events, durability);
    try {
      return this.current.append(events, durability);
    } catch (error) {
      if (error instanceof JournalWriteError) throw error;
      // The order or decision it is about is only in the suspect file: what was said is kept all the same.
      return this.current.append(asNotices(events));
    }
  }

  /** Writes on the new footing what failed on the old one, unless it had reached the disk after all. */
  #again(events: readonly NewEvent[], before: Head): readonly StoredEvent[] {
    const arrived = this.current.lastSeq() - before.seq;
    if (arrived > 0) return this.current.after(before.seq, arrived);
    try {
      return this.#store(events);
    } catch (error) {
      if (!this.#isLost(error)) throw error;
      this.#recover(error.message);
      return this.#store(events);
    }
  }

  #recover(detail: string): void {
    const head: Head = { seq: this.current.lastSeq(), hash: this.current.headHash() };
    const isFirst = this.footing === 'main';
    // While a reader is open SQLite does not fold the log in when the writer closes: the suspect file stays as it is.
    const reader = openJournal({ path: this.current.path, mode: 'read' });
    this.#closeQuietly(this.current);
    const isSound = isFirst && reader.ok && chainFault(reader.value, head) === null;
    // Here and now: what follows rests on it.
    const opened = isSound ? openJournal({ ...this.#options, isCheckedLater: false }) : null;
    if (opened?.ok === true) this.#stand('reopened', opened.value, detail);
    else this.#toStandby(reader.ok ? reader.value : null, { head, detail });
    if (reader.ok && this.current !== reader.value) this.#closeQuietly(reader.value);
  }

  #toStandby(reader: SqliteJournal | null, { head, detail }: { readonly head: Head; readonly detail: string }): void {
    const standby = this.footing === 'standby' ? null : makeStandby(this.#main, head, this.#options.now());
    if (standby !== null) {
      this.isWhole = standby.isWhole;
      if (!standby.isWhole) this.#tellGap(standby.journal, head);
      this.#stand('standby', standby.journal, detail);
    } else this.#stand('none', reader ?? this.current, detail);
  }

  #tellGap(standby: SqliteJournal, head: Head): void {
    const detail = `Events ${standby.lastSeq() + 1} to ${head.seq} of ${this.#main} could not be read.`;
    const event = { kind: 'notice', level: 'error', title: 'A part of the journal is missing here', detail } as const;
    standby.append([{ at: this.#options.now(), event }]);
  }

  #stand(footing: Exclude<Footing, 'main'>, journal: SqliteJournal, detail: string): void {
    this.current = journal;
    this.footing = footing;
    this.trouble = { footing, path: journal.path, detail, isWhole: this.isWhole };
    for (const listener of this.listeners) listener(this.trouble);
  }

  #closeQuietly(journal: SqliteJournal): void {
    try {
      journal.close();
    } catch (error) {
      // A file that cannot even be closed is left to the system; the first error is the one to tell.
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
}

/**
 * Opens a journal that does not end with its disk. When a write or a sync fails, the journal is suspect within the
 * same call: it is closed, opened again, and its whole chain is read from disk. Where that holds it goes on; where it
 * does not, a standby beside it takes what must be remembered from then on. Either way nothing that adds risk is
 * recorded any more until the desk is started again: entries cannot leave, what reduces risk can.
 * @errors JournalOpenError
 */
export function openGuardedJournal(options: GuardedJournalOptions): Result<GuardedJournal, JournalOpenError> {
  const opened = openJournal(options);
  if (!opened.ok) return opened;
  const guard = new Guard(opened.value, options);
  const own = {
    append: (events, durability) => guard.append(events, durability),
    batch: (work) => guard.batch(work),
    appendBars: (bars) => guard.write(() => guard.current.appendBars(bars)),
    rebuild: () => guard.write(() => guard.current.rebuild()),
    checkpoint: () => guard.checkpoint(),
    isSuspect: () => guard.footing !== 'main' || guard.current.isSuspect(),
    footing: () => guard.footing,
    onTrouble: (listener) => {
      guard.listeners.add(listener);
      if (guard.trouble !== null) listener(guard.trouble);
    },
  } satisfies Partial<GuardedJournal>;
  const journal: GuardedJournal = { ...opened.value, ...own };
  // Everything else is asked of the journal in use, whichever that is by then.
  const inUse = new Proxy(journal, {
    get: (target, key): unknown => (key in own ? Reflect.get(target, key) : Reflect.get(guard.current, key)),
  });
  return ok(inUse);
}
