import type { FeatureChoice, FeatureDefinition, FeatureSpec } from '#shared/domain/feature.ts';
import { type Result, err, ok } from '#shared/result.ts';
import { lookBackOf } from './feature-values.ts';

/** The first set: prices and volume only. The simulated models read it. */
const FS_1 = [
  { name: 'ret1', kind: 'log-return', bars: 1 },
  { name: 'ret5', kind: 'log-return', bars: 5 },
  { name: 'ret20', kind: 'log-return', bars: 20 },
  { name: 'vol20', kind: 'volatility', bars: 20 },
  { name: 'rsi14', kind: 'rsi', bars: 14 },
  { name: 'atr14', kind: 'atr', bars: 14 },
  { name: 'volz20', kind: 'volume-zscore', bars: 20 },
  { name: 'range20', kind: 'range-position', bars: 20 },
  { name: 'gap', kind: 'gap' },
  { name: 'upper', kind: 'upper' },
  { name: 'lower', kind: 'lower' },
] as const satisfies readonly FeatureDefinition[];

/** The first set with longer looks back and with the time. */
const FS_2 = [
  ...FS_1,
  { name: 'ret60', kind: 'log-return', bars: 60 },
  { name: 'vol60', kind: 'volatility', bars: 60 },
  { name: 'mean20', kind: 'mean-distance', bars: 20 },
  { name: 'body', kind: 'body' },
  { name: 'daySin', kind: 'time-of-day', part: 'sin', clock: 'chicago' },
  { name: 'dayCos', kind: 'time-of-day', part: 'cos', clock: 'chicago' },
  { name: 'weekSin', kind: 'day-of-week', part: 'sin' },
  { name: 'weekCos', kind: 'day-of-week', part: 'cos' },
] as const satisfies readonly FeatureDefinition[];

/**
 * The sets the desk knows, by schema version. A set that was shipped is never changed: another definition, another
 * version, so that a model meets the numbers it was trained on.
 */
export const FEATURE_SETS: ReadonlyMap<string, readonly FeatureDefinition[]> = new Map<
  string,
  readonly FeatureDefinition[]
>([
  ['fs-1', FS_1],
  ['fs-2', FS_2],
]);

/**
 * Looks a choice of features up.
 * @errors a sentence: a schema or a name the desk does not know, a name used twice, an own set under a known version
 */
export function resolveFeatures(choice: FeatureChoice): Result<FeatureSpec, string> {
  const { schema, rows, definitions } = choice;
  const known = FEATURE_SETS.get(schema);
  if (definitions !== undefined) {
    if (known !== undefined) return err(`the desk has a feature schema "${schema}" of its own: name yours otherwise`);
    const twice = repeated(definitions.map(({ name }) => name));
    if (twice !== null) return err(`feature "${twice}" is defined twice`);
    return ok({ schema, rows, lookBack: lookBackOf(definitions), features: definitions });
  }
  if (known === undefined) {
    const sets = [...FEATURE_SETS.keys()].join(', ');
    return err(`the desk does not know the feature schema "${schema}": choose ${sets}, or give definitions`);
  }
  const names = choice.names ?? known.map(({ name }) => name);
  const twice = repeated(names);
  if (twice !== null) return err(`feature "${twice}" is named twice`);
  const features: FeatureDefinition[] = [];
  for (const name of names) {
    const found = known.find((definition) => definition.name === name);
    if (found === undefined) {
      return err(`"${schema}" has no feature "${name}": it has ${known.map((d) => d.name).join(', ')}`);
    }
    features.push(found);
  }
  // By the whole set: which of its features a model reads does not move the first bar it can answer on.
  return ok({ schema, rows, lookBack: lookBackOf(known), features });
}

const repeated = (names: readonly string[]): string | null =>
  names.find((name, i) => names.indexOf(name) !== i) ?? null;
