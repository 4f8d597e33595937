import { randomUUID } from 'node:crypto';
import { contract, isOperation } from '#shared/contract/index.ts';
import type { Handlers, OperationName } from '#shared/contract/index.ts';
import { DeskError } from '#shared/contract/errors.ts';
import type { DeskErrorData } from '#shared/contract/errors.ts';
import { inputError } from './input-error.ts';

/** The answer of one operation, as data. */
export type ServeResult =
  { readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly error: DeskErrorData };

/** A bug that was met while serving: the id goes to the caller, the cause to the log. */
export type Incident = { readonly id: string; readonly operation: string; readonly cause: unknown };
export type OnIncident = (incident: Incident) => void;

/**
 * Runs one operation of the contract: the only way in for every shell. Never throws and never rejects.
 * @param op       name of a query or command; anything else is answered 'unknown-operation'
 * @param rawInput whatever the caller sent; parsed by the operation's schema
 * @errors what the handler threw as a DeskError, unchanged; any other throw and any output that does not fit the
 *   contract is 'internal' with an incident id, which `onIncident` gets together with the cause
 */
export async function serve(
  handlers: Handlers,
  op: string,
  rawInput: unknown,
  onIncident?: OnIncident,
): Promise<ServeResult> {
  if (typeof op !== 'string' || !isOperation(op)) return { ok: false, error: unknownOperation(op) };
  try {
    const parsed = contract[op].input.safeParse(rawInput);
    if (!parsed.success) return { ok: false, error: inputError(parsed.error, rawInput) };
    // The table ties each handler to its schemas; the compiler cannot follow the pair through a name it does not know.
    const handler = handlers[op] as (input: unknown) => unknown;
    const output = contract[op].output.safeParse(await handler(parsed.data));
    if (output.success) return { ok: true, output: output.data };
    return { ok: false, error: internal(op, output.error, onIncident) };
  } catch (error) {
    return { ok: false, error: error instanceof DeskError ? error.data : internal(op, error, onIncident) };
  }
}

const unknownOperation = (op: unknown): DeskErrorData => ({
  code: 'unknown-operation',
  message: 'The desk has no such operation.',
  field: 'op',
  value: typeof op === 'string' ? op.slice(0, 80) : null,
  remedy: 'Use a query or command of the contract.',
  incident: null,
});

function internal(operation: OperationName, cause: unknown, onIncident: OnIncident | undefined): DeskErrorData {
  const id = randomUUID().slice(0, 8);
  try {
    onIncident?.({ id, operation, cause });
  } catch {
    // A log that cannot be written must not take the answer with it.
  }
  return {
    code: 'internal',
    message: 'The desk could not do this because of an error of its own.',
    field: null,
    value: null,
    remedy: `Look for incident ${id} in the log.`,
    incident: id,
  };
}
