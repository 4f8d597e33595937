import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { DeskError } from '#shared/contract/errors.ts';
import { timeframeSchema } from '#shared/domain/market.ts';
import { epochMsSchema } from '#shared/units.ts';
import { trainedModelSchema, type TrainedModel } from '#desk/engine/learning/trained-model.ts';
import { planningSchema } from '#desk/profiles/settings.ts';

/** A file name of this folder, never a path. */
const fileName = z.string().regex(/^[a-z0-9.-]+\.json$/, 'the name of a JSON file in this folder');

const modelSchema = z.strictObject({
  name: z.string().min(1).max(120),
  /** One file a step of the walk forward, oldest first: each answers from `from` until the next one does. */
  files: z
    .array(
      z.strictObject({
        file: fileName,
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        from: epochMsSchema,
        learnedTo: epochMsSchema,
      }),
    )
    .min(1),
});

/** `models.json` of a folder of trained models: what is in it, and for which trades it was made. */
export const modelFolderSchema = z.strictObject({
  format: z.literal('kelly-desk-models'),
  schema: z.literal(1),
  /** Changes with every file of the folder: what the desk pins. */
  version: z.string().min(1).max(120),
  timeframe: timeframeSchema,
  symbols: z.array(z.string()),
  /** The trade whose chances are stated: a desk that plans another one asks the wrong question. */
  planning: planningSchema,
  horizonBars: z.number().int().positive(),
  seed: z.number().int(),
  models: z.strictObject({ lstm: modelSchema, ensemble: modelSchema }),
});
export type ModelFolder = z.output<typeof modelFolderSchema>;

export const MANIFEST = 'models.json';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** JSON of a value, one line: numbers as they are. */
const textOf = (value: unknown): string => `${JSON.stringify(value)}\n`;

export type FolderContents = Omit<ModelFolder, 'format' | 'schema' | 'version' | 'models'> & {
  readonly models: { readonly [K in 'lstm' | 'ensemble']: { readonly name: string; readonly files: TrainedModel[] } };
  /** Pages that describe the models, by name. */
  readonly pages: Readonly<Record<string, string>>;
};

type Listed = { readonly entry: ModelFolder['models']['lstm']; readonly texts: readonly (readonly [string, string])[] };

function listed(kind: string, { name, files }: FolderContents['models']['lstm']): Listed {
  const written = files.map((model, i) => {
    const text = textOf(model);
    const { from, learnedTo } = model;
    return { text, file: { file: `${kind}-${i + 1}.json`, sha256: sha256(text), from, learnedTo } };
  });
  return {
    entry: { name, files: written.map(({ file }) => file) },
    texts: written.map(({ file, text }) => [file.file, text] as const),
  };
}

/** Throws DeskError 'invalid-input' when the folder is there already: what was trained is never written over. */
export function refuseExisting(folder: string): void {
  if (!existsSync(folder)) return;
  throw new DeskError({
    ...{ code: 'invalid-input', field: '--out', value: folder, message: 'this folder exists already' },
    remedy: 'name another one, or move this one away',
  });
}

/** Writes a folder whole, or not at all. The same contents give the same bytes. */
export function writeModelFolder(folder: string, { models, pages, ...rest }: FolderContents): ModelFolder {
  refuseExisting(folder);
  const lstm = listed('lstm', models.lstm);
  const ensemble = listed('ensemble', models.ensemble);
  const hashes = [...lstm.entry.files, ...ensemble.entry.files].map((file) => file.sha256);
  const manifest: ModelFolder = {
    ...{ format: 'kelly-desk-models', schema: 1, version: sha256(hashes.join('')).slice(0, 12) },
    ...rest,
    models: { lstm: lstm.entry, ensemble: ensemble.entry },
  };
  const target = path.resolve(folder);
  mkdirSync(path.dirname(target), { recursive: true });
  const work = mkdtempSync(`${target}-`);
  try {
    for (const [name, text] of [...lstm.texts, ...ensemble.texts, ...Object.entries(pages)])
      writeFileSync(path.join(work, name), text);
    writeFileSync(path.join(work, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    renameSync(work, target);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    throw error;
  }
  return manifest;
}

const damaged = (folder: string, file: string, message: string): DeskError =>
  new DeskError({
    ...{ code: 'invalid-input', field: '--models', value: path.join(folder, file), message },
    remedy: 'name a folder that `models train` has written, or train it again',
  });

function jsonAt(folder: string, file: string): { readonly text: string; readonly value: unknown } {
  let text: string;
  try {
    text = readFileSync(path.join(folder, file), 'utf8');
  } catch {
    throw damaged(folder, file, 'the file cannot be read');
  }
  try {
    return { text, value: JSON.parse(text) };
  } catch {
    throw damaged(folder, file, 'the file is not JSON');
  }
}

/** Says where and why a file is not what it should be. */
function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.') ?? '(file)'}: ${issue?.message ?? 'invalid'}`;
}

export type OpenedFolder = {
  readonly manifest: ModelFolder;
  readonly models: { readonly [K in 'lstm' | 'ensemble']: readonly TrainedModel[] };
};

/** Reads what a folder of trained models says it holds. Throws DeskError 'invalid-input' for one that is none. */
export function describeModels(folder: string): ModelFolder {
  const parsed = modelFolderSchema.safeParse(jsonAt(folder, MANIFEST).value);
  if (!parsed.success) throw damaged(folder, MANIFEST, firstIssue(parsed.error));
  return parsed.data;
}

/**
 * Reads a folder of trained models, every file held against its sum.
 * Throws DeskError 'invalid-input' that names the file and what is wrong with it.
 */
export function readModelFolder(folder: string): OpenedFolder {
  const manifest = describeModels(folder);
  const modelsOf = (kind: 'lstm' | 'ensemble'): readonly TrainedModel[] =>
    manifest.models[kind].files.map((entry) => {
      const { text, value } = jsonAt(folder, entry.file);
      if (sha256(text) !== entry.sha256) throw damaged(folder, entry.file, 'the file was changed after training');
      const model = trainedModelSchema.safeParse(value);
      if (!model.success) throw damaged(folder, entry.file, firstIssue(model.error));
      if (model.data.kind !== kind) throw damaged(folder, entry.file, `this is no model of the kind ${kind}`);
      return model.data;
    });
  return { manifest, models: { lstm: modelsOf('lstm'), ensemble: modelsOf('ensemble') } };
}
