import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { collectNotices } from '#build/notices.mjs';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      hasInstallScript: z.boolean().optional(),
      inBundle: z.boolean().optional(),
    }),
  ),
});
const packages = Object.entries(lockSchema.parse(read('package-lock.json')).packages).filter(([at]) => at !== '');
const { allowScripts } = z.object({ allowScripts: z.record(z.string(), z.boolean()) }).parse(read('package.json'));
const nameOf = (at: string): string => at.slice(at.lastIndexOf('node_modules/') + 'node_modules/'.length);

describe('what is installed', () => {
  it('is held to a hash, every package of it, and comes from nowhere but a registry', () => {
    expect(packages.length).toBeGreaterThan(400);
    for (const [at, { integrity, resolved, inBundle }] of packages) {
      // What a package brings inside itself is under the hash of that package.
      if (inBundle === true) continue;
      expect(integrity, at).toMatch(/^sha512-/);
      expect(resolved ?? 'https://', at).toMatch(/^https:\/\//);
    }
  });

  it('runs no script but the one that fetches the Node the desk runs on; each other is named and denied', () => {
    const scripts = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([at]) => nameOf(at));
    // One is for another system; npm tells only of those that it installs.
    const here = new Set(scripts.filter((name) => name !== 'fsevents'));
    for (const name of here) expect(Object.keys(allowScripts), name).toContain(name);
    expect(Object.keys(allowScripts).filter((name) => allowScripts[name] === true)).toEqual(['node']);
  });

  it('is under a permissive licence whose text can be shipped', () => {
    const collected = collectNotices(ROOT);
    expect(collected.length).toBeGreaterThan(100);
    expect(collected.map(({ name }) => name)).toContain('lightweight-charts');
  });
});
