import { z } from 'zod';

/** One field of a message: how it is read, and the room the protocol gives a text, its closing zero included. */
export type FieldDef<T = unknown> = { readonly read: z.ZodType<T>; readonly bytes: number | null };
export type Fields = Readonly<Record<string, FieldDef>>;

/** A message of the protocol. The order of `fields` is the order of the struct, and so of a compact array. */
export type MessageDef<F extends Fields = Fields> = {
  readonly type: number;
  readonly name: string;
  readonly fields: F;
  /** Sent as an array where the connection is compact. */
  readonly isCompact: boolean;
  readonly schema: z.ZodType<Body<F>>;
};
export type Body<F extends Fields> = { readonly [K in keyof F]: F[K] extends FieldDef<infer T> ? T : never };
export type MessageOf<D extends MessageDef> = z.output<D['schema']>;

/** Largest float32: what the header fills an unset price with, in this or the wider form. */
const UNSET = 3.4e38;
const UINT_MAX = 4_294_967_295;

/** Numbers as other programs send them: true and "12" count; what is unset or is no number is absent. */
function numberOf(value: unknown): number | undefined {
  const read = typeof value === 'boolean' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) && Math.abs(read) < UNSET ? read : undefined;
}
const field = <T>(read: (value: unknown) => T): FieldDef<T> => ({
  read: z.unknown().optional().transform(read),
  bytes: null,
});

/** A number that is absent when it was not sent: absent is "no change", never zero. */
export const number = field(numberOf);
/** A count whose largest value means that it is not set. */
export const count = field((value) => {
  const read = numberOf(value);
  return read === UINT_MAX ? undefined : read;
});
/** A number the header gives a value where it is not sent. */
export const numberOr = (otherwise: number): FieldDef<number> => field((value) => numberOf(value) ?? otherwise);
/** What follows the end of a text in a field of a fixed length. */
const PADDING = /\0.*$/su;

/** A text of fewer than `bytes` characters, without what pads it; empty where it was not sent. */
export const text = (bytes: number): FieldDef<string> => ({
  ...field((value) =>
    typeof value === 'string' ? value.replace(PADDING, '').trim() : typeof value === 'number' ? String(value) : '',
  ),
  bytes,
});

/** Defines a message by its number, its name and its fields in the order of the struct. */
export function define<F extends Fields>(type: number, name: string, fields: F, form?: 'compact'): MessageDef<F> {
  const shape = Object.fromEntries(Object.entries(fields).map(([key, { read }]) => [key, read]));
  // The shape has exactly the fields of F: the compiler cannot see that through the entries.
  const schema = z.object(shape) as unknown as z.ZodType<Body<F>>;
  return { type, name, fields, isCompact: form === 'compact', schema };
}
