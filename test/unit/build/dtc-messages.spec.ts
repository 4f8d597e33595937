import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dtcMessageFiles } from '#build/make-dtc-messages.mjs';

const ROOT = join(import.meta.dirname, '../../..');

describe('the messages of DTC', () => {
  it('are as build/make-dtc-messages.mjs makes them from the schema', async () => {
    const files = await dtcMessageFiles();
    expect(files.length).toBeGreaterThan(7);
    for (const { file, text } of files) expect(readFileSync(join(ROOT, file), 'utf8')).toBe(text);
  });
});
