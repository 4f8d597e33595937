import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readModelFolder } from '#desk/learning/model-folder.ts';
import { modelAt } from '#desk/learning/serve-folder.ts';
import { tempFolder } from '#test/support/learning.ts';
import { FIRST_DAY, SECOND_DAY, smallEnsemble, trainedFolder } from '#test/support/trained-folder.ts';

const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'nothing was wrong';
};

describe('a folder of trained models', () => {
  it('reads as it was written', () => {
    const folder = trainedFolder(tempFolder());
    const { manifest, models } = readModelFolder(folder);
    expect(models.ensemble).toEqual([smallEnsemble(FIRST_DAY), smallEnsemble(SECOND_DAY)]);
    expect(manifest.models.lstm.files.map(({ from }) => from)).toEqual([FIRST_DAY, SECOND_DAY]);
  });

  it('has the same bytes for the same models', () => {
    const [a, b] = [trainedFolder(tempFolder()), trainedFolder(tempFolder())];
    for (const name of readdirSync(a))
      expect(readFileSync(path.join(a, name), 'utf8')).toBe(readFileSync(path.join(b, name), 'utf8'));
  });

  it('is refused by name when a file was changed after training, is missing, or is no model', () => {
    const folder = trainedFolder(tempFolder());
    const file = path.join(folder, 'ensemble-2.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('0.7', '0.9'));
    expect(messageOf(() => readModelFolder(folder))).toContain('changed after training');
    writeFileSync(path.join(folder, 'models.json'), '{"format":"something-else"}');
    expect(messageOf(() => readModelFolder(folder))).toContain('format');
    expect(messageOf(() => readModelFolder(tempFolder()))).toContain('cannot be read');
  });

  it('is never written over', () => {
    const parent = tempFolder();
    trainedFolder(parent);
    expect(messageOf(() => trainedFolder(parent))).toContain('exists already');
  });

  it('answers a time by the model that had been trained by then', () => {
    const { ensemble } = readModelFolder(trainedFolder(tempFolder())).models;
    expect(modelAt(ensemble, FIRST_DAY - 1)).toBeNull();
    expect(modelAt(ensemble, FIRST_DAY)?.from).toBe(FIRST_DAY);
    expect(modelAt(ensemble, SECOND_DAY - 1)?.from).toBe(FIRST_DAY);
    expect(modelAt(ensemble, SECOND_DAY)?.from).toBe(SECOND_DAY);
    expect(modelAt(ensemble, null)?.from).toBe(SECOND_DAY);
  });
});
