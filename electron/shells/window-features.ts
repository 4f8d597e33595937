/**
 * Features of Chromium that a window of the desk does without, by the names Chromium has for them.
 *
 * `DeferRendererTasksAfterInput`: after a click Chromium holds back what a page is sent until it has drawn a frame. The
 * desk answers a click on Approve within a few milliseconds, and the answer was drawn one frame late.
 */
const OFF = ['DeferRendererTasksAfterInput'] as const;

/** The switch that turns them off, without its dashes. */
export const FEATURES_OFF = { name: 'disable-features', value: OFF.join(',') } as const;

/** The same for a command line. */
export const FEATURES_OFF_ARGUMENT = `--${FEATURES_OFF.name}=${FEATURES_OFF.value}`;
