/** What is held by two keys, such as a book by account and symbol; made when it is first asked for. */
export class PairMap<V extends object> {
  readonly #make: (first: string, second: string) => V;
  readonly #held = new Map<string, Map<string, V>>();
  /** What is asked for one after the other is mostly the same. */
  #last: { readonly first: string; readonly second: string; readonly value: V } | null = null;

  constructor(make: (first: string, second: string) => V) {
    this.#make = make;
  }

  of(first: string, second: string): V {
    if (this.#last?.first === first && this.#last.second === second) return this.#last.value;
    const value = this.#held.get(first)?.get(second) ?? this.#add(first, second);
    this.#last = { first, second, value };
    return value;
  }

  #add(first: string, second: string): V {
    const value = this.#make(first, second);
    const inner = this.#held.get(first) ?? new Map<string, V>();
    this.#held.set(first, inner.set(second, value));
    return value;
  }

  all(): readonly V[] {
    return [...this.#held.values()].flatMap((inner) => [...inner.values()]);
  }

  clear(): void {
    this.#held.clear();
    this.#last = null;
  }
}
