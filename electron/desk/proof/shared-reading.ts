import { createPartReader, type DecisionPart, type TapeRange } from '#desk/backtest/read-decisions.ts';
import { unpackTape, type PackedTape } from '#desk/backtest/packed-tape.ts';
import type { ReadBooks } from '#desk/backtest/read-books.ts';
import { booksOf, packTape, readFacts } from '#desk/backtest/read-tape.ts';
import type { Tape } from '#desk/backtest/tape.ts';
import { openJournal, type SqliteJournal } from '#desk/journal/open-journal.ts';
import { turn, unexpected, type Helper } from './helper-thread.ts';
import { newQueue, takenFrom, type WorkQueue } from './work-queue.ts';

/** Events of a piece: many enough that handing them on costs little, few enough that no thread waits long for another. */
const PIECE_EVENTS = 2_048;

/** Numbers of the events of a piece: after the first, up to the last. */
export type Piece = { readonly after: number; readonly until: number };

/** A journal that several threads read the decisions of, and the event at which all of them stop. */
export type SharedReading = {
  readonly path: string;
  readonly head: { readonly seq: number; readonly hash: string | null };
  readonly range: TapeRange;
  readonly pieces: readonly Piece[];
  readonly queue: WorkQueue;
};

const piecesUpTo = (seq: number): readonly Piece[] =>
  Array.from({ length: Math.ceil(seq / PIECE_EVENTS) }, (_, i) => ({
    after: i * PIECE_EVENTS,
    until: Math.min(seq, (i + 1) * PIECE_EVENTS),
  }));

/**
 * Reads pieces on a connection of this thread's own. What is journaled is never changed: up to one event every reader has
 * the same. A journal that has to be copied to be read is left to the thread that has the copy.
 */
export function readPieces(
  { path, head, range, pieces, queue }: SharedReading,
  say: (piece: number, part: DecisionPart) => void,
): void {
  const opened = openJournal({ path, mode: 'read' });
  if (!opened.ok) return;
  const journal = opened.value;
  try {
    if (journal.hashOf(head.seq) !== head.hash) return;
    const read = createPartReader(range);
    for (const [piece, span] of takenFrom(queue, pieces)) say(piece, read(journal, span));
  } finally {
    journal.close();
  }
}

/** Who reads beside this thread, and what is told meanwhile. */
export type Together = {
  readonly helpers: readonly Helper[];
  readonly onProgress: (done: number, total: number) => void;
  /** Handed what walking needs, before this thread goes on with it. */
  readonly onPacked: (packed: PackedTape) => void;
};

/** A tape, and what the three books of its range are made of: read when it is asked for, as long as the journal is open. */
export type ReadTogether = { readonly tape: Tape; readonly books: () => ReadBooks };

/**
 * Reads a range of a journal into a tape, its decisions together with the helpers; the same whatever their number.
 * @param journal that is held at one state
 */
export async function readTogether(
  journal: SqliteJournal,
  range: TapeRange,
  { helpers, onProgress, onPacked }: Together,
): Promise<ReadTogether> {
  const head = { seq: journal.lastSeq(), hash: journal.headHash() };
  const pieces = piecesUpTo(head.seq);
  const queue = newQueue();
  const total = journal.decisionCount();
  const parts: DecisionPart[] = [];
  let done = 0;
  const take = (piece: number, part: DecisionPart): void => {
    parts[piece] = part;
    done += part.read;
    onProgress(done, total);
  };
  const beside = helpers.map((helper) =>
    helper.run({ kind: 'read', path: journal.path, head, range, pieces, queue }, (news) => {
      if (news.kind !== 'part') throw unexpected(news);
      take(news.piece, news.part);
    }),
  );
  const mine = async () => {
    const facts = readFacts(journal);
    const read = createPartReader(range);
    for (const [piece, span] of takenFrom(queue, pieces)) {
      take(piece, read(journal, span));
      await turn();
    }
    return facts;
  };
  const [facts] = await Promise.all([mine(), ...beside]);
  const packed = packTape(journal, range, { facts, parts });
  onPacked(packed);
  return { tape: unpackTape(packed), books: () => booksOf(journal, range, { facts, parts, packed }) };
}
