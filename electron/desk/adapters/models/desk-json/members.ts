import { type Result, err, ok } from '#shared/result.ts';
import type { NamedOutput } from '#desk/adapters/models/config.ts';
import { type ForecastError, detailOf, printable } from '#desk/adapters/models/error.ts';
import type { Answer, MemberAnswer } from '#desk/adapters/models/model-client.ts';
import type { Opinion, Read } from '#desk/adapters/models/output.ts';
import { isMember } from './quick-check.ts';
import type { OutputFields } from './wire.ts';

/** Members that are shown; an ensemble of more is read, not listed. */
const MAX_MEMBERS = 32;

/** Least share of the weight that must have been heard. */
const QUORUM = 0.5;

type Voice = Required<Pick<Answer, 'members' | 'agreement'>>;

/**
 * Reads what the members of an ensemble said. A member that failed is listed with its reason, not averaged away.
 * @param winner the opinion of the ensemble, whose direction the agreement is measured by
 * @errors 'quorum' when less than half of the weight could be read; null members where the answer names none
 */
export function readMembers(
  given: readonly unknown[] | null | undefined,
  winner: Opinion,
  read: (fields: OutputFields) => Read<Opinion>,
): Result<Voice | null, ForecastError> {
  if (given === null || given === undefined || given.length === 0) return ok(null);
  const members = given.map((one, i) => readMember(one, i, read));
  const weightOf = (some: readonly MemberAnswer[]): number => some.reduce((sum, { weight }) => sum + weight, 0);
  const heard = members.filter(({ opinion }) => opinion !== null);
  const total = weightOf(members);
  const share = total === 0 ? 0 : weightOf(heard) / total;
  if (share < QUORUM) {
    const missing = members.filter(({ opinion }) => opinion === null);
    return err({ code: 'quorum', heard: share, missing: missing.map(({ name }) => name).join(', ') });
  }
  // By what each said itself: thresholds are for the ensemble as a whole.
  const votes = heard.filter(({ opinion }) => opinion?.raw.direction === winner.raw.direction);
  return ok({ members: members.slice(0, MAX_MEMBERS), agreement: weightOf(votes) / weightOf(heard) });
}

function readMember(one: unknown, index: number, read: (fields: OutputFields) => Read<Opinion>): MemberAnswer {
  if (!isMember(one)) {
    // Its weight is unknown: it counts as much as a member with full weight that was not heard.
    return { name: `member ${index + 1}`, weight: 1, opinion: null, detail: 'The member cannot be read.' };
  }
  const { name, weight, error } = one;
  const opinion = error == null ? read(one) : null;
  if (opinion?.ok === true) return { name: printable(name), weight, opinion: opinion.value, detail: null };
  const detail = opinion === null ? `The member failed: ${printable(String(error))}` : detailOf(opinion.error);
  return { name: printable(name), weight, opinion: null, detail };
}

/** The thresholds of an ensemble do not apply to its members. */
export const withoutThresholds = (output: NamedOutput): NamedOutput => ({ ...output, minConfidence: 0, minMargin: 0 });
