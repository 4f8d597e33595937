export { default } from './build/lint-rules.mjs';
