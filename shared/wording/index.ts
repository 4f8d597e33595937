/** The one place that renders the engine's codes to words, for the screens, the REST answers and the command line. */
export { actionText, bindingText, nextWallsText, oneMoreText, reasoning, statusText, zeroText } from './decision.ts';
export { breakText, fullKellyText, stepText, wallText } from './ladder.ts';
export type { StepText, WallText } from './ladder.ts';
export {
  basisName,
  breakerFigures,
  breakerName,
  countedText,
  listText,
  modelNames,
  scopeName,
  wallName,
} from './names.ts';
export { ruleName, ruleText } from './rules.ts';
export {
  choiceName,
  choiceText,
  differenceText,
  killText,
  latchEffectText,
  latchText,
  rearmText,
} from './execution.ts';
