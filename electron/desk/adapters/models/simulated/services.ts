export { startSimulatedModels, type ModelPair } from './simulated.ts';
export { startStatisticalModels } from './statistical.ts';
