import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { verifyJournal } from '#desk/desk.ts';
import { listStandbys } from '#desk/journal/standby.ts';
import { buildRecorder, runRecorded } from '#test/support/power-cut/recording.ts';
import { scratchRoot } from '#test/support/scratch.ts';
import { timeLimit } from '#test/support/scale.ts';
import { mustOpen } from '#test/support/temp-journal.ts';

const SCRIPT = join(import.meta.dirname, '..', 'support', 'power-cut', 'desk-trouble-child.ts');
const recorder = buildRecorder();
if ('missing' in recorder) process.stderr.write(`tests of a desk on a failing disk are skipped: ${recorder.missing}\n`);
afterAll(() => {
  if ('library' in recorder) recorder.remove();
});

type Shown = {
  readonly tradingState: string;
  readonly tradingStateReason: string | null;
  readonly notices: readonly { readonly id: string; readonly detail: string }[];
  readonly journal: { readonly events: number; readonly headHash: string };
  readonly positions: number;
};

describe.skipIf('missing' in recorder)('a desk whose disk fails', () => {
  it.each([
    { times: 1, says: /^The journal was opened again/, adopts: false },
    { times: 3, says: /^The journal could not be verified/, adopts: true },
  ])(
    'for $times writes halts, records the way out, and has it all at the next start',
    async ({ times, says, adopts }) => {
      if ('missing' in recorder) throw new Error(recorder.missing);
      const folder = mkdtempSync(join(scratchRoot(), 'kelly-desk-trouble-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const args = [folder, String(times)];
      const lines = await runRecorded({ library: recorder.library, script: SCRIPT, folder, log: null, args });
      const steps = lines.map((line) => JSON.parse(line) as { readonly step: string; readonly what: Shown });
      const at = (step: string): Shown => {
        const found = steps.find((one) => one.step === step);
        if (found === undefined) throw new Error(`the desk did not come to ${step}`);
        return found.what;
      };
      expect(at('before')).toMatchObject({ tradingState: 'active' });
      expect(at('during').tradingState).toBe('halted');
      const trouble = at('during').notices.find(({ id }) => id === 'journal-trouble');
      expect(trouble?.detail).toMatch(says);
      expect(at('flat').positions).toBe(0);
      const isTaken = at('after').notices.some(({ id }) => id === 'standby-adopted-0');
      expect(isTaken).toBe(adopts);
      const path = join(folder, 'profiles', 'simulation', 'journal.db');
      expect(listStandbys(path)).toEqual([]);
      const journal = mustOpen(path, 'read');
      const events = new Set(journal.after(0, 1_000_000).map(({ hash }) => hash));
      for (const { what } of steps) expect(events.has(what.journal.headHash)).toBe(true);
      const halts = [...journal.events({ kinds: ['trading-state'] })].map(({ event }) => event.reason);
      expect(halts).toContain('the disk');
      expect(verifyJournal(path)).toMatchObject({ isSound: true });
    },
    timeLimit(120_000),
  );
});
