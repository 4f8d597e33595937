import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { err, ok, type Result } from '#shared/result.ts';
import { contractSpec, CONTRACTS } from '#desk/engine/futures/contract-table.ts';
import { parseSymbol } from '#desk/engine/futures/symbol.ts';
import { issueOf } from './config-file.ts';
import { modelConnectionSchema } from './model-services.ts';
import { type ShareEntry, shareFault } from './share-instruments.ts';
import { brokerConfigSchema, marketDataConfigSchema } from './venues.ts';

/** A futures contract: a root for the month that is traded now, or one month. */
const instrumentEntrySchema = z.strictObject({
  contract: z
    .string()
    .min(1)
    .max(32)
    .describe('A root of the contract table (NQ: the month that is traded now), or one month of it (NQZ26)'),
  market: z
    .enum(['share', 'crypto'])
    .optional()
    .describe('For a share (QQQ) or a pair of crypto (BTC/USD); left out: a future'),
  lot: z.number().positive().max(1e6).optional().describe('Shares or coins of one contract of the desk; left out: 1'),
  tickSize: z.number().positive().max(1e3).optional().describe('Price step of a share or pair in USD; left out: 0.01'),
});
export type InstrumentEntry = z.output<typeof instrumentEntrySchema>;

/** `connections.json` of a profile: whose account, which instruments, and everything the desk connects to. */
export const connectionsFileSchema = z.strictObject({
  profile: z.enum(['paper', 'live']).describe('live sends real orders, and is armed at each start by hand'),
  account: z.string().trim().min(1).max(64).describe('The account at the broker; a journal belongs to one'),
  equityUsd: z
    .number()
    .positive()
    .max(1e9)
    .describe('What the account holds when its journal begins; later starts go by the journal and show differences'),
  instruments: z.array(instrumentEntrySchema).min(1).max(100),
  models: z.strictObject({ lstm: modelConnectionSchema, ensemble: modelConnectionSchema }),
  broker: brokerConfigSchema,
  marketData: z.array(marketDataConfigSchema).min(1).max(8),
});
export type ConnectionsConfig = z.output<typeof connectionsFileSchema>;

/** What is wrong with a connections file: the field, what stands there, and what to do. No secret is ever in it. */
export type ConnectionsError = {
  readonly code: 'invalid-connections';
  readonly path: string;
  readonly field: string;
  readonly value: string;
  readonly remedy: string;
};

/** Says a configuration error in one sentence. */
export const connectionsSentence = ({ path, field, value, remedy }: ConnectionsError): string =>
  `${field} is ${value}: ${remedy} (${path})`;

/** The configuration as a JSON Schema, for editors and for `connections test --schema`. */
export const connectionsJsonSchema = (): Record<string, z.core.util.JSONType> =>
  JSON.parse(JSON.stringify(z.toJSONSchema(connectionsFileSchema, { io: 'input' }))) as Record<
    string,
    z.core.util.JSONType
  >;

/** Returns the names of secrets a configuration refers to: every value of a key that ends in `secret`. */
export function secretNamesOf(config: unknown): readonly string[] {
  if (Array.isArray(config)) return config.flatMap(secretNamesOf);
  if (typeof config !== 'object' || config === null) return [];
  return Object.entries(config).flatMap(([key, value]: [string, unknown]) =>
    /secret$/i.test(key) && typeof value === 'string' ? [value] : secretNamesOf(value),
  );
}

/** A share or a pair of crypto; null for a future. */
export const shareEntryOf = ({ market, ...entry }: InstrumentEntry): ShareEntry | null =>
  market === undefined ? null : { ...entry, market };

/** Returns the root and, where one is named, the month of an entry; null when the contract table has no such thing. */
export function contractOf(entry: InstrumentEntry, year: number): { root: string; month: string | null } | null {
  const text = entry.contract.toUpperCase();
  if (entry.market !== undefined) return { root: text, month: null };
  if (contractSpec(text) !== null) return { root: text, month: null };
  const parsed = parseSymbol(text, year);
  if (!parsed.ok || !parsed.value.known) return null;
  return { root: parsed.value.root, month: text };
}

type Problem = { readonly field: string; readonly value: string; readonly remedy: string };

/** Whether a name of `for` or `symbols` means an instrument entry. */
const means = (name: string, entry: InstrumentEntry, year: number): boolean => {
  const contract = contractOf(entry, year);
  const own = name.toUpperCase();
  return own === entry.contract.toUpperCase() || own === contract?.root || own === contract?.month;
};

function instrumentProblem({ instruments }: ConnectionsConfig, year: number): Problem | null {
  const seen = new Set<string>();
  for (const [index, entry] of instruments.entries()) {
    const field = `instruments.${index}.contract`;
    const contract = contractOf(entry, year);
    if (contract === null) {
      const remedy = `name a root (${CONTRACTS.map((c) => c.root).join(', ')}) or a month of one, like NQZ26`;
      return { field, value: entry.contract, remedy };
    }
    const share = shareEntryOf(entry);
    const remedy = share === null ? null : shareFault(share);
    if (remedy !== null) return { field, value: entry.contract, remedy };
    if (share === null && (entry.lot ?? entry.tickSize) !== undefined)
      return {
        field: `instruments.${index}.market`,
        value: 'absent',
        remedy: 'lot and tickSize are of shares and crypto',
      };
    const key = contract.month ?? contract.root;
    if (seen.has(key)) return { field, value: entry.contract, remedy: 'name each instrument once' };
    seen.add(key);
  }
  return null;
}

/** Each instrument needs exactly one source of prices, and what a source names must be an instrument. */
function marketProblem({ instruments, marketData }: ConnectionsConfig, year: number): Problem | null {
  for (const [index, source] of marketData.entries()) {
    const stray = source.for?.find((name) => !instruments.some((entry) => means(name, entry, year)));
    if (stray !== undefined)
      return { field: `marketData.${index}.for`, value: stray, remedy: 'name instruments of this file only' };
  }
  const general = marketData.flatMap((source, index) => (source.for === undefined ? [index] : []));
  const second = general[1];
  if (second !== undefined)
    return {
      field: `marketData.${second}.for`,
      value: 'absent',
      remedy: 'only one source may serve the rest; name the instruments of the others',
    };
  for (const [index, entry] of instruments.entries()) {
    const count = marketData.filter((source) => source.for?.some((name) => means(name, entry, year)) === true).length;
    const field = `instruments.${index}.contract`;
    if (count > 1) return { field, value: entry.contract, remedy: 'name it under one source of marketData only' };
    if (count === 0 && general.length === 0)
      return { field, value: entry.contract, remedy: 'name it under `for` of a source of marketData' };
  }
  return null;
}

/** What does not go together, whatever the venues are. */
function venueProblem({ profile, broker, marketData, instruments }: ConnectionsConfig): Problem | null {
  for (const [index, entry] of instruments.entries()) {
    const isShare = entry.market !== undefined;
    const isPaper = (['paper'] as readonly string[]).includes(broker.kind);
    if (isPaper || isShare === (broker.kind === 'alpaca')) continue;
    const remedy = isShare
      ? 'trade shares and crypto through broker alpaca'
      : 'Alpaca has no futures: name another broker';
    return { field: `instruments.${index}.contract`, value: entry.contract, remedy };
  }
  const isPaperBroker = broker.kind === 'paper';
  if (profile === 'live' && isPaperBroker)
    return {
      field: 'broker.kind',
      value: broker.kind,
      remedy: 'a live profile needs a real broker; use profile paper',
    };
  const replay = marketData.findIndex(({ kind }) => kind === 'replay');
  if (replay !== -1 && !isPaperBroker)
    return {
      field: `marketData.${replay}.kind`,
      value: 'replay',
      remedy: 'prices of another day go with the paper broker only',
    };
  return null;
}

/**
 * Parses the text of a connections file.
 * @param year the year it is, to read contract months with one digit
 * @errors 'invalid-connections' with the field, its value and what to do. What stands in a field that is not known is
 * not repeated: it may be a secret.
 */
export function parseConnections(
  path: string,
  text: string,
  year: number,
): Result<ConnectionsConfig, ConnectionsError> {
  const refuse = (problem: Problem): Result<never, ConnectionsError> =>
    err({ code: 'invalid-connections', path, ...problem });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse({
      field: '(file)',
      value: 'not JSON',
      remedy: 'correct the file; `connections test --schema` shows its form',
    });
  }
  const parsed = connectionsFileSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const problem = issueOf(json, issue);
    if (issue?.code === 'unrecognized_keys')
      return refuse({
        ...problem,
        value: '(not shown)',
        remedy: 'remove the key or correct its name; secrets are named here and set with `connections secret set`',
      });
    return refuse(/secret/i.test(problem.field) ? { ...problem, value: '(not shown)' } : problem);
  }
  const config = parsed.data;
  const problem = instrumentProblem(config, year) ?? marketProblem(config, year) ?? venueProblem(config);
  return problem === null ? ok(config) : refuse(problem);
}

/** Reads a connections file; null when there is none. */
export function readConnections(path: string, year: number): Result<ConnectionsConfig, ConnectionsError> | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    const remedy = cause instanceof Error ? cause.message : 'make the file readable';
    return err({ code: 'invalid-connections', path, field: '(file)', value: 'unreadable', remedy });
  }
  return parseConnections(path, text, year);
}
