import { MIGRATIONS, type Migration } from '#desk/journal/migrations/index.ts';

const NEXT = MIGRATIONS.length + 1;

/** Steps as later versions may have them: new tables, filled from rows, and a table that changes its shape. */
const STEPS: readonly { readonly name: string; readonly statements: readonly string[] }[] = [
  {
    name: 'notes',
    statements: [
      'CREATE TABLE notes (seq INTEGER PRIMARY KEY REFERENCES events (seq), text TEXT NOT NULL) STRICT',
      'INSERT INTO notes SELECT seq, hex(zeroblob(2000)) FROM events',
      'CREATE INDEX notes_by_text ON notes (text, seq)',
    ],
  },
  {
    name: 'wider bars',
    statements: [
      'ALTER TABLE bars ADD COLUMN trades INTEGER',
      'CREATE TABLE bars_anew AS SELECT * FROM bars',
      'DROP TABLE bars_anew',
      'UPDATE notes SET text = kind FROM events WHERE events.seq = notes.seq',
    ],
  },
];

export const LATER_VERSION = MIGRATIONS.length + STEPS.length;
export const LATER_STATEMENTS = STEPS.flatMap(({ statements }) => statements).length;

/** Two more steps after the shipped ones; `beforeStatement` is called before each of their statements. */
export const laterMigrations = (beforeStatement: () => void = () => undefined): readonly Migration[] =>
  STEPS.map(({ name, statements }, i) => ({
    version: NEXT + i,
    name,
    up: (database) => {
      for (const statement of statements) {
        beforeStatement();
        database.exec(statement);
      }
    },
  }));
