import type { Decision } from '#shared/domain/decision.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { ok, type Result } from '#shared/result.ts';
import { decide } from '#desk/engine/decide.ts';
import { snapshotOfScenario, type ScenarioError } from '#desk/engine/scenario.ts';

/** Sizes a what-if scenario: the snapshot it stands for and the decision with its ladder. Errors name the field. */
export function sizeScenario(
  json: unknown,
): Result<{ readonly snapshot: SizingSnapshot; readonly decision: Decision }, ScenarioError> {
  const snapshot = snapshotOfScenario(json);
  return snapshot.ok ? ok({ snapshot: snapshot.value, decision: decide(snapshot.value) }) : snapshot;
}
