import { configDefaults, defineConfig } from 'vitest/config';

/** Specs that hold much, or change the process they run in: each has one of its own. */
const ALONE = [
  'test/unit/imports/many-rows.spec.ts',
  'test/unit/build/**/*.spec.ts',
  'test/unit/desk/learning/**/*.spec.ts',
  'test/unit/shells/electron/**/*.spec.ts',
  'test/unit/soak/**/*.spec.ts',
];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // One worker a core: the default leaves one core idle, which on two cores halves the speed.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: { name: 'alone', include: ALONE },
      },
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.spec.ts', 'test/**/*.spec.tsx'],
          exclude: [...configDefaults.exclude, 'test/e2e/**', ...ALONE],
          // A process of its own costs each file the start of Node and all its imports again.
          isolate: false,
        },
      },
    ],
  },
});
