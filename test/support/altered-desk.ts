import type { OperationName, OutputOf } from '#shared/contract/index.ts';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import type { Door } from '#desk/serve.ts';

/** What becomes of the answers of a desk, by operation. An alteration that throws makes the operation fail. */
export type Alterations = { readonly [N in OperationName]?: (output: OutputOf<N>) => OutputOf<N> };

/** A desk whose answers are altered on their way out; everything else is the desk's own. */
export function alteredDesk(desk: Door, alterations: Alterations): Door {
  const altered = Object.entries(alterations).map(([name, alter]) => {
    const own = desk.handlers[name as OperationName] as (input: unknown) => unknown;
    const change = alter as (output: unknown) => unknown;
    return [name, async (input: unknown) => change(await own(input))] as const;
  });
  return { stream: desk.stream, handlers: { ...desk.handlers, ...Object.fromEntries(altered) } };
}

/** A desk whose snapshot is altered. */
export const withSnapshot = (desk: Door, alter: (snapshot: DeskSnapshot) => DeskSnapshot): Door =>
  alteredDesk(desk, { 'desk.snapshot': alter });
