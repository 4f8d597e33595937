import { DeskError } from '#shared/contract/errors.ts';

/**
 * What learning needs and nothing else of the desk does: some 60 MB, optional in package.json and left out of the
 * package. Models that were trained are served and replayed without them.
 */
export const LEARNING_PACKAGES = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  '@tensorflow/tfjs-backend-wasm',
  'ml-cart',
  'ml-random-forest',
] as const;

// The libraries as far as the desk uses them, in types of its own: it is compiled and linted where they are not installed.

type Numbers = readonly number[] | readonly Numbers[];

export interface Tensor {
  readonly shape: readonly number[];
  dataSync(): ArrayLike<number>;
}

/** The tensors and optimisers of TensorFlow. */
interface TensorLibrary {
  enableProdMode(): void;
  setBackend(name: string): Promise<boolean>;
  tensor(values: Numbers, shape?: readonly number[]): Tensor;
  dispose(tensors: readonly Tensor[]): void;
  tidy(work: () => void): void;
  readonly train: { adam(learningRate: number): unknown };
}

/** A network of layers. */
export interface LayeredModel {
  add(layer: unknown): void;
  compile(how: { readonly optimizer: unknown; readonly loss: string }): void;
  setWeights(weights: readonly Tensor[]): void;
  getWeights(): readonly Tensor[];
  trainOnBatch(inputs: Tensor, targets: Tensor): Promise<unknown>;
  predict(inputs: Tensor): Tensor | readonly Tensor[];
  dispose(): void;
}

type LstmOptions = {
  readonly units: number;
  readonly inputShape: readonly number[];
  readonly recurrentInitializer: string;
  readonly recurrentActivation: string;
};

interface LayerLibrary {
  sequential(): LayeredModel;
  readonly layers: {
    lstm(options: LstmOptions): unknown;
    dense(options: { readonly units: number; readonly activation: string }): unknown;
  };
}

interface WasmLibrary {
  setThreadsCount(threads: number): void;
}

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
  readonly tf: TensorLibrary;
  readonly layers: LayerLibrary;
  readonly cart: { readonly DecisionTreeRegression: new (options: TreeOptions) => Regression };
  readonly forest: { readonly RandomForestRegression: new (options: ForestOptions) => Regression };
};

/** By name, so that no build looks for what may not be there. */
const load = async <T>(name: (typeof LEARNING_PACKAGES)[number]): Promise<T> => (await import(name)) as T;

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';

/**
 * Loads the libraries, and readies the computing part of TensorFlow: WebAssembly in one thread, the same bits each time.
 * Throws DeskError 'refused' with the command that adds them where one is not installed.
 */
export async function loadLibraries(): Promise<Libraries> {
  try {
    const tf = await load<Libraries['tf']>('@tensorflow/tfjs-core');
    const layers = await load<Libraries['layers']>('@tensorflow/tfjs-layers');
    const wasm = await load<WasmLibrary>('@tensorflow/tfjs-backend-wasm');
    const cart = await load<Libraries['cart']>('ml-cart');
    const forest = await load<Libraries['forest']>('ml-random-forest');
    // Without it the library advises another backend on standard error.
    tf.enableProdMode();
    wasm.setThreadsCount(1);
    await tf.setBackend('wasm');
    return { tf, layers, cart, forest };
  } catch (error) {
    if (!isMissing(error)) throw error;
    const message = 'training needs learning libraries that are not installed';
    const remedy = 'add them in the folder of the desk with: npm install --include=optional';
    throw new DeskError({ code: 'refused', message, remedy });
  }
}
