import type * as Core from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import type * as Wasm from '@tensorflow/tfjs-backend-wasm';
import { DeskError } from '#shared/contract/errors.ts';

/**
 * What learning needs and nothing else of the desk does: some 60 MB, left out of the package. Models that were trained
 * are served and replayed without them.
 */
export const LEARNING_PACKAGES = {
  '@tensorflow/tfjs-core': '4.22.0',
  '@tensorflow/tfjs-layers': '4.22.0',
  '@tensorflow/tfjs-backend-wasm': '4.22.0',
  'ml-cart': '2.1.1',
  'ml-random-forest': '2.1.0',
} as const;

type TreeOptions = { readonly maxDepth: number; readonly minNumSamples: number };

/** A model of the tree libraries, as far as the desk uses it. */
interface Regression {
  train(rows: readonly (readonly number[])[], values: readonly number[]): void;
  toJSON(): unknown;
}

type ForestOptions = {
  readonly seed: number;
  readonly nEstimators: number;
  readonly maxFeatures: number;
  readonly replacement: boolean;
  readonly useSampleBagging: boolean;
  readonly noOOB: boolean;
  readonly treeOptions: TreeOptions;
};

export type Libraries = {
  readonly tf: typeof Core;
  readonly layers: typeof Layers;
  readonly cart: { readonly DecisionTreeRegression: new (options: TreeOptions) => Regression };
  readonly forest: { readonly RandomForestRegression: new (options: ForestOptions) => Regression };
};

/** By name, so that no build looks for what may not be there. The types are those of the versions named above. */
const load = async <K extends keyof Libraries | 'wasm'>(
  name: keyof typeof LEARNING_PACKAGES,
): Promise<K extends keyof Libraries ? Libraries[K] : typeof Wasm> => (await import(name)) as never;

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';

/** The command that adds what learning needs, and leaves package.json as it is. */
const ADD = `npm install --no-save ${Object.entries(LEARNING_PACKAGES)
  .map(([name, version]) => `${name}@${version}`)
  .join(' ')}`;

/**
 * Loads the libraries, and readies the computing part of TensorFlow: WebAssembly in one thread, the same bits each time.
 * Throws DeskError 'refused' with the command that adds them where one is not installed.
 */
export async function loadLibraries(): Promise<Libraries> {
  try {
    const tf = await load<'tf'>('@tensorflow/tfjs-core');
    const layers = await load<'layers'>('@tensorflow/tfjs-layers');
    const wasm = await load<'wasm'>('@tensorflow/tfjs-backend-wasm');
    const cart = await load<'cart'>('ml-cart');
    const forest = await load<'forest'>('ml-random-forest');
    // Without it the library advises another backend on standard error.
    tf.enableProdMode();
    wasm.setThreadsCount(1);
    await tf.setBackend('wasm');
    return { tf, layers, cart, forest };
  } catch (error) {
    if (!isMissing(error)) throw error;
    const message = 'training needs learning libraries that are not installed';
    throw new DeskError({ code: 'refused', message, remedy: `add them with: ${ADD}` });
  }
}
