import { type Labels, type SearchHit, searchHitSchema } from '#shared/contract/journal-views.ts';
import type { Journal } from '#desk/ports/journal.ts';
import { annotationOfRow, attachmentOfRow } from './annotation-rows.ts';
import { type Prepare } from './statements.ts';
import { MATCH_MARKS, searchQuery } from './texts.ts';

export type NoteReads = Pick<Journal, 'annotation' | 'labels' | 'search' | 'attachment'>;

/** Ids of the subjects of one kind whose text holds all words of @query. */
export const SUBJECTS_OF_TEXT = `SELECT x.subject_id FROM texts_search s JOIN texts x ON x.doc = s.rowid
  WHERE s.texts_search MATCH @query AND x.subject_kind = @subjectKind`;

/** Words of an excerpt. */
const EXCERPT_WORDS = 24;

export const SEARCH = `SELECT x.subject_kind, x.subject_id, x.at,
    snippet(texts_search, -1, '${MATCH_MARKS[0]}', '${MATCH_MARKS[1]}', '…', ${EXCERPT_WORDS}) AS excerpt
  FROM texts_search s JOIN texts x ON x.doc = s.rowid
  WHERE s.texts_search MATCH @query ORDER BY s.rank, x.at DESC, x.doc LIMIT @limit`;

export const LABELS =
  'SELECT kind, label, count(*) AS count FROM labels GROUP BY kind, label ORDER BY count DESC, label';

function readLabels(prepare: Prepare): Labels {
  const rows = prepare(LABELS).all({});
  const of = (kind: string) =>
    rows
      .filter((row) => row['kind'] === kind)
      .map((row) => ({ label: String(row['label']), count: Number(row['count']) }));
  return { tags: of('tag'), setups: of('setup'), mistakes: of('mistake') };
}

function search(prepare: Prepare, text: string, limit: number): readonly SearchHit[] {
  const query = searchQuery(text);
  if (query === null) return [];
  const rows = prepare(SEARCH).all({ query, limit });
  return rows.map((row) =>
    searchHitSchema.parse({
      subject: { kind: row['subject_kind'], id: row['subject_id'] },
      excerpt: row['excerpt'],
      at: row['at'],
    }),
  );
}

export function noteReads(prepare: Prepare): NoteReads {
  return {
    annotation: ({ kind, id }) => {
      const row = prepare('SELECT * FROM annotations WHERE subject_kind = @kind AND subject_id = @id').get({
        kind,
        id,
      });
      return row === undefined ? null : annotationOfRow(row);
    },
    labels: () => readLabels(prepare),
    search: (text, limit) => search(prepare, text, limit),
    attachment: (sha256) => {
      const row = prepare('SELECT * FROM attachments WHERE sha256 = @sha256').get({ sha256 });
      return row === undefined ? null : attachmentOfRow(row);
    },
  };
}
