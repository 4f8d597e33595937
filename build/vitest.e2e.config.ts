import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/e2e/**/*.spec.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Each file has desks and a browser of its own; more than two at once only wait for each other.
    maxWorkers: 2,
    pool: 'forks',
    env: { KELLY_DESK_LEAN_BROWSER: '1' },
  },
});
