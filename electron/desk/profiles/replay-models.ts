import { DeskError } from '#shared/contract/errors.ts';
import type { FeatureChoice } from '#shared/domain/feature.ts';
import type { Timeframe } from '#shared/domain/market.ts';
import { HORIZON_BARS, startStatisticalModels } from '#desk/adapters/models/simulated/statistical.ts';
import { serveModelFolder } from '#desk/learning/serve-folder.ts';
import type { Planning } from '#desk/engine/plan.ts';

/** Daily bars: one average range to the stop, one and a half to the target, marked out after a quarter. */
export const DAILY_PLANNING = { stopAtr: 1, targetAtr: 1.5, minStopTicks: 4 } as const;
const MAX_SHADOW_BARS = 60;

type Asked = { readonly url: string; readonly features: FeatureChoice };

/** The models a replay asks, and the trade they state the chances of. */
export type ReplayModels = {
  readonly lstm: Asked;
  readonly ensemble: Asked;
  readonly planning: Planning;
  readonly maxShadowBars: number;
  readonly horizonBars: number;
  /** Which models these are, for the journal; nothing where they are the desk's usual ones. */
  readonly notes: readonly string[];
  readonly close: () => Promise<void>;
};

/**
 * Starts the models of a folder, or, without one, two that count. A replay by trained models plans the trade they were
 * trained for: their chances are of no other.
 * Throws DeskError 'invalid-input' for a folder that is none, or one of other bars.
 */
export async function startReplayModels(folder: string | null, played: Timeframe = '1d'): Promise<ReplayModels> {
  if (folder === null) {
    const { lstm, ensemble, features, close } = await startStatisticalModels();
    return {
      ...{ lstm: { ...lstm, features }, ensemble: { ...ensemble, features }, close },
      ...{ planning: DAILY_PLANNING, maxShadowBars: MAX_SHADOW_BARS, horizonBars: HORIZON_BARS },
      notes: [],
    };
  }
  const { lstm, ensemble, manifest, close } = await serveModelFolder(folder, { port: 0 });
  const { timeframe, version, planning, horizonBars, symbols } = manifest;
  if (timeframe !== played) {
    await close();
    const message = `these models read bars of ${timeframe}; this replay plays bars of ${played}`;
    throw new DeskError({
      ...{ code: 'invalid-input', field: '--models', value: folder, message },
      remedy: `name models that were trained with --timeframe ${played}`,
    });
  }
  const note =
    `Trained models, version ${version}, on ${symbols.join(', ')}: each day is answered by the model that had been ` +
    `trained by then. Planned are their own trades: stop ${planning.stopAtr}, target ${planning.targetAtr} average ranges.`;
  return { lstm, ensemble, planning, maxShadowBars: horizonBars, horizonBars, notes: [note], close };
}
