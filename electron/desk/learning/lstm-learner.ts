import { logLossOf } from '#desk/engine/calibration-scores.ts';
import { meanOf } from '#desk/engine/numerics.ts';
import { createPrng, type Prng } from '#desk/engine/prng.ts';
import { networkLogits, softmax } from '#desk/engine/learning/network.ts';
import type { Network } from '#desk/engine/learning/trained-model.ts';
import type { LayeredModel, Libraries, Tensor } from './libraries.ts';

/** A window of standardised rows and its class: 0 short, 1 neither, 2 long. */
export type Window = { readonly rows: readonly (readonly number[])[]; readonly target: 0 | 1 | 2 };

export type NetworkSpec = { readonly units: number; readonly maxEpochs: number; readonly seed: number };

/** Windows a step learns from: fewer where there are few, so that an epoch still has steps. */
const batchOf = (windows: number): number => Math.max(16, Math.min(128, Math.floor(windows / 12)));
const LEARNING_RATE = 0.005;
/**
 * Share of every weight that is taken off after each epoch: without it the network learns a thousand overlapping windows
 * by heart. @source Loshchilov & Hutter 2019, decoupled from the gradient
 */
const DECAY = 0.15;
/** Epochs without a better loss on the held-back time before learning ends. */
const PATIENCE = 6;
const CLASSES = 3;

/** Uniform weights of a variance that keeps signals their size. @source Glorot & Bengio 2010 */
const glorot = (rows: number, columns: number, prng: Prng): number[] => {
  const limit = Math.sqrt(6 / (rows + columns));
  return Array.from({ length: rows * columns }, () => (2 * prng.nextDouble() - 1) * limit);
};

/** First weights by a seed of ours: the library's own initialisers are not the same from run to run. */
function firstWeights(
  tf: Libraries['tf'],
  { features, units }: { features: number; units: number },
  prng: Prng,
): Tensor[] {
  const gates = 4 * units;
  // The forget gate begins open. @source Jozefowicz et al. 2015
  const bias = Array.from({ length: gates }, (_, i) => (i >= units && i < 2 * units ? 1 : 0));
  return [
    tf.tensor(glorot(features, gates, prng), [features, gates]),
    tf.tensor(glorot(units, gates, prng), [units, gates]),
    tf.tensor(bias, [gates]),
    tf.tensor(glorot(units, CLASSES, prng), [units, CLASSES]),
    tf.tensor(new Array<number>(CLASSES).fill(0), [CLASSES]),
  ];
}

function buildModel(
  { tf, layers }: Libraries,
  { window, features, spec }: { window: number; features: number; spec: NetworkSpec },
  prng: Prng,
): LayeredModel {
  const model = layers.sequential();
  // Not the defaults: an orthogonal start needs parts of the library that are not loaded, and the hard sigmoid is a
  // stand-in for the real one.
  const recurrent = { recurrentInitializer: 'glorotUniform', recurrentActivation: 'sigmoid' } as const;
  model.add(layers.layers.lstm({ units: spec.units, ...recurrent, inputShape: [window, features] }));
  model.add(layers.layers.dense({ units: CLASSES, activation: 'softmax' }));
  model.compile({ optimizer: tf.train.adam(LEARNING_RATE), loss: 'categoricalCrossentropy' });
  tf.tidy(() => model.setWeights(firstWeights(tf, { features, units: spec.units }, prng)));
  return model;
}

const rowsOf = (flat: readonly number[], width: number): number[][] =>
  Array.from({ length: flat.length / width }, (_, i) => flat.slice(i * width, (i + 1) * width));

/** The weights as numbers, in the desk's format. */
function networkOf(model: LayeredModel, units: number): Network {
  const [kernel = [], recurrent = [], bias = [], dense = [], denseBias = []] = model
    .getWeights()
    .map((weight) => Array.from(weight.dataSync()));
  return {
    units,
    kernel: rowsOf(kernel, 4 * units),
    recurrent: rowsOf(recurrent, 4 * units),
    bias,
    dense: rowsOf(dense, CLASSES),
    denseBias,
  };
}

/** Mean log loss of the network as the desk will run it. */
const lossOf = (network: Network, windows: readonly Window[]): number =>
  meanOf(windows.map(({ rows, target }) => logLossOf(softmax(networkLogits(network, rows))[target] ?? 0, 1))) ?? 0;

function shuffled(count: number, prng: Prng): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = prng.index(i + 1);
    const [a = 0, b = 0] = [order[i], order[j]];
    [order[i], order[j]] = [b, a];
  }
  return order;
}

/** Makes every weight but the biases smaller. */
function decay(tf: Libraries['tf'], model: LayeredModel): void {
  const weights = model.getWeights().map((weight) => {
    const isBias = weight.shape.length === 1;
    return isBias
      ? weight
      : tf.tensor(
          Array.from(weight.dataSync(), (x) => x * (1 - DECAY)),
          weight.shape,
        );
  });
  model.setWeights(weights);
}

async function epoch(tf: Libraries['tf'], model: LayeredModel, windows: readonly Window[]): Promise<void> {
  const size = batchOf(windows.length);
  for (let begin = 0; begin < windows.length; begin += size) {
    const batch = windows.slice(begin, begin + size);
    const x = tf.tensor(batch.map(({ rows }) => rows));
    const y = tf.tensor(batch.map(({ target }) => [0, 1, 2].map((one) => (one === target ? 1 : 0))));
    await model.trainOnBatch(x, y);
    tf.dispose([x, y]);
  }
}

/**
 * Trains the network until the held-back windows no longer gain, and returns it as it was at its best there.
 * @param onEpoch is told how many of at most `maxEpochs` are done
 */
export async function learnNetwork(
  libraries: Libraries,
  data: { readonly train: readonly Window[]; readonly stop: readonly Window[] },
  spec: NetworkSpec & { readonly onEpoch: (done: number) => void },
): Promise<Network> {
  const [first] = data.train;
  if (first === undefined) throw new Error('there is nothing to learn from');
  const prng = createPrng(spec.seed);
  const shape = { window: first.rows.length, features: first.rows[0]?.length ?? 0, spec };
  const model = buildModel(libraries, shape, prng);
  try {
    let best = { network: networkOf(model, spec.units), loss: Number.POSITIVE_INFINITY, epoch: 0 };
    for (let done = 1; done <= spec.maxEpochs; done += 1) {
      const order = shuffled(data.train.length, prng);
      await epoch(
        libraries.tf,
        model,
        order.flatMap((i) => data.train[i] ?? []),
      );
      libraries.tf.tidy(() => decay(libraries.tf, model));
      const network = networkOf(model, spec.units);
      const loss = lossOf(network, data.stop);
      if (loss < best.loss) best = { network, loss, epoch: done };
      spec.onEpoch(done);
      if (done - best.epoch >= PATIENCE) break;
    }
    return best.network;
  } finally {
    model.dispose();
  }
}
