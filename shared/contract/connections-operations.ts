import { z } from 'zod';
import { connectionReportSchema, connectionStepSchema } from '#shared/domain/connection-test.ts';
import { connectionSchema } from '#shared/domain/status.ts';
import { command, query, topic } from './define.ts';

const nothing = z.strictObject({});
/** A configuration as JSON; what is in it is held against its own schema by the desk. */
const configSchema = z.record(z.string(), z.json());

export const secretPlaceSchema = z.enum(['session', 'environment', 'keychain', 'file']);
export type SecretPlace = z.output<typeof secretPlaceSchema>;
/** All that is ever told of a secret. */
export const secretViewSchema = z.strictObject({
  name: z.string(),
  isSet: z.boolean(),
  source: secretPlaceSchema.nullable(),
});
export type SecretView = z.output<typeof secretViewSchema>;
const secretsViewSchema = z.strictObject({
  secrets: z.array(secretViewSchema),
  /** Where a new secret can be kept, the best place first. */
  places: z.array(secretPlaceSchema),
});

const connectionsProblemSchema = z.strictObject({ field: z.string(), value: z.string(), remedy: z.string() });

/** A profile's configuration and how its connections stand. A secret is in it by name only. */
export const connectionsViewSchema = z.strictObject({
  profile: z.string(),
  /** Where the configuration is read from at the next start. */
  path: z.string(),
  /** As saved; null where there is none, or it cannot be read. */
  config: configSchema.nullable(),
  problem: connectionsProblemSchema.nullable(),
  /** True when what is saved is not what this desk runs with: it comes into force at the next start. */
  isRestartNeeded: z.boolean(),
  connections: z.array(connectionSchema),
  secrets: z.array(secretViewSchema),
  places: z.array(secretPlaceSchema),
  /** What the broker can do: emulated stops and targets die with this computer. */
  capabilities: z.strictObject({
    venue: z.string(),
    brackets: z.enum(['native', 'emulated']),
    replace: z.boolean(),
    /** False: an order that cannot be found is asked of the trader, never taken for one that never arrived. */
    provesAbsence: z.boolean(),
    warning: z.string().nullable(),
  }),
});
export type ConnectionsView = z.output<typeof connectionsViewSchema>;

const reportsSchema = z.strictObject({ ok: z.boolean(), reports: z.array(connectionReportSchema) });
const profile = z.enum(['paper', 'live']);

/** Connections of a profile: what is configured, how it stands, whether it works, and its secrets by name. */
export const connectionsOperations = {
  /** `profile` absent: the one this desk runs. */
  'connections.list': query({
    input: z.strictObject({ profile: profile.optional() }),
    output: connectionsViewSchema,
  }),
  /** The JSON Schema of a configuration. */
  'connections.schema': query({ input: nothing, output: configSchema }),
  /**
   * Connects, looks and disconnects; each step is also told on `connections.tested` as it ends. Nothing is saved.
   * `config` absent: what this desk runs with. `only`: the one connection with this id.
   */
  'connections.test': command({
    input: z.strictObject({ config: configSchema.optional(), only: z.string().max(80).optional() }),
    output: reportsSchema,
  }),
  /** Checks a configuration and writes it, the one before kept beside it. It comes into force at the next start. */
  'connections.save': command({
    input: z.strictObject({ config: configSchema }),
    output: z.strictObject({ path: z.string(), kept: z.string().nullable() }),
  }),
  /** The secret goes in and never comes out again. */
  'secret.set': command({
    input: z.strictObject({
      profile: profile.optional(),
      name: z.string().min(1).max(80),
      secret: z.string().min(1).max(4_096),
      place: secretPlaceSchema.optional(),
    }),
    output: secretsViewSchema,
  }),
  'secret.forget': command({
    input: z.strictObject({ profile: profile.optional(), name: z.string().min(1).max(80) }),
    output: secretsViewSchema,
  }),
  'connections.tested': topic(z.strictObject({ id: z.string(), step: connectionStepSchema })),
} as const;
