import type { z } from 'zod';

/** A read: no effect, may have a REST path. */
export type Query = {
  readonly kind: 'query';
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly rest?: string;
};

/** A change the trader asks for. It has no REST path by type, so the REST API is read-only. */
export type Command = { readonly kind: 'command'; readonly input: z.ZodType; readonly output: z.ZodType };

/**
 * Something the desk publishes. With a `key`, the field that tells what a payload is about, only what changed since the
 * last payload about the same goes over a wire.
 */
export type Topic = { readonly kind: 'topic'; readonly payload: z.ZodType; readonly key?: string };

export type Operation = Query | Command;
export type Entry = Operation | Topic;

/** Declares a query of the contract. */
export const query = <I extends z.ZodType, O extends z.ZodType>(spec: { input: I; output: O; rest?: string }) => ({
  kind: 'query' as const,
  ...spec,
});

/** Declares a command of the contract. */
export const command = <I extends z.ZodType, O extends z.ZodType>(spec: { input: I; output: O }) => ({
  kind: 'command' as const,
  ...spec,
});

/** Declares a topic of the contract. */
export const topic = <P extends z.ZodType>(payload: P) => ({ kind: 'topic' as const, payload });

/** Declares a topic of which only changes go over a wire. */
export const keyedTopic = <P extends z.ZodObject>(payload: P, key: keyof z.output<P> & string) => ({
  ...topic(payload),
  key,
});
