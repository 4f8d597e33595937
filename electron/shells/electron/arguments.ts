import { parseArgs } from 'node:util';
import { z } from 'zod';
import { defaultDataFolder } from '#desk/desk.ts';
import type { HostOptions } from '#shells/host.ts';

const argumentsSchema = z.object({
  data: z
    .string()
    .min(1)
    .default(() => defaultDataFolder()),
  profile: z.enum(['simulation', 'replay', 'paper', 'live']).default('simulation'),
  port: z.coerce.number().int().min(0).max(65_535).default(0),
  seed: z.coerce.number().int().min(0).optional(),
  config: z.string().min(1).optional(),
});

/** Reads the options the launcher passes on; Chromium's own switches are left alone. */
export function hostOptions(argv: readonly string[]): HostOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: argv.filter((argument) => /^--(data|profile|port|seed|config)=/.test(argument)),
    options: { data: text, profile: text, port: text, seed: text, config: text },
  });
  const { data, seed, config, ...rest } = argumentsSchema.parse(values);
  return { ...rest, dataFolder: data, seed: seed ?? null, config: config ?? null };
}
