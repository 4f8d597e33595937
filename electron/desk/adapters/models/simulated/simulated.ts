import type { FeatureChoice } from '#shared/domain/feature.ts';
import type { PredictRequest } from '#desk/adapters/models/desk-json/wire.ts';
import { ENSEMBLE_MEMBERS, LSTM_MEMBER, meanChances, memberChances } from './opinions.ts';
import { FEATURE_SCHEMA, type Verdict, serveModel } from './service.ts';

/** Two model services under way, and how to stop both. */
export type ModelPair = {
  readonly lstm: { readonly url: string };
  readonly ensemble: { readonly url: string };
  /** What a request must carry for these models: set it on their connections. */
  readonly features: FeatureChoice;
  readonly close: () => Promise<void>;
};

const HORIZON_BARS = 15;

const versionOf = (name: string) => ({ name, version: '1.0.0', featureSchema: FEATURE_SCHEMA, sha256: null });

const LACKS: Verdict = { ok: false, message: 'features: ret1 and a positive atr14 are needed' };

/**
 * Starts the two simulated models: real HTTP servers on loopback. They know the law by which the simulated market was
 * made (not its state, nor its future) and infer the hidden regime from the returns in the request.
 * Their probabilities are those of the planned trade: target 3 average ranges away, stop 2.
 */
export async function startSimulatedModels({ seed }: { readonly seed: number }): Promise<ModelPair> {
  const lstm = await serveModel({
    version: versionOf('simulated-lstm'),
    horizonBars: HORIZON_BARS,
    answer: (request) => {
      const chances = memberChances(LSTM_MEMBER, request, seed);
      return chances === null ? LACKS : { ok: true, chances };
    },
  });
  const ensemble = await serveModel({
    version: versionOf('simulated-ensemble'),
    horizonBars: HORIZON_BARS,
    answer: (request) => ensembleVerdict(request, seed),
  });
  return {
    lstm: { url: lstm.url },
    ensemble: { url: ensemble.url },
    features: { schema: FEATURE_SCHEMA, names: ['ret1', 'atr14'], rows: 32 },
    close: async () => {
      await Promise.all([lstm.close(), ensemble.close()]);
    },
  };
}

function ensembleVerdict(request: PredictRequest, seed: number): Verdict {
  const members = [];
  for (const member of ENSEMBLE_MEMBERS) {
    const chances = memberChances(member, request, seed);
    if (chances === null) return LACKS;
    members.push({ name: member.name, weight: member.weight, chances });
  }
  return { ok: true, chances: meanChances(members), members };
}
