/** Where adapters get their secrets from, by name. A secret is asked for when it is needed and never kept in a log. */
export interface SecretSource {
  /** The secret of a name; null when none is set. */
  get(name: string): Promise<string | null>;
}
