import { describe, expect, it } from 'vitest';
import packageJson from '#package.json' with { type: 'json' };
import { MAJORS_SUPPORTED, majorsBehind } from '#shells/cli/electron-age.ts';

const KNOWN = Date.UTC(2026, 7, 22);
const WEEKS = 7 * 86_400_000;

describe('the age of the pinned Electron', () => {
  it.each([
    ['^45.4.1', 0, 0],
    ['~45.0.0', 8, 1],
    ['45.1.0', 7, 0],
    ['^45.4.1', 24, 3],
    ['^46.0.0', 0, 0],
    ['^44.0.0', -20, 1],
  ])('of %s, %i weeks after the release that is known, is %i majors', (pinned, weeks, behind) => {
    expect(majorsBehind(pinned, KNOWN + weeks * WEEKS)).toBe(behind);
  });

  it('is not known of what is no version', () => {
    expect(majorsBehind('latest', KNOWN)).toBeNull();
  });

  it('was within what is mended when this version of the desk was made', () => {
    expect(majorsBehind(packageJson.devDependencies.electron, KNOWN)).toBeLessThanOrEqual(MAJORS_SUPPORTED);
  });
});
