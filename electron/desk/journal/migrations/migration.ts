/** What a step may do to the file. It runs inside the runner's transaction. */
type Target = { readonly exec: (sql: string) => unknown; readonly prepare: (sql: string) => unknown };

/** One step of the schema; `version` is what user_version reads after it. */
export type Migration = {
  readonly version: number;
  readonly name: string;
  /** The step leaves derived tables to be filled from the events, once, after the last step. */
  readonly isDerivedAgain?: true;
  readonly up: (database: Target) => unknown;
};
