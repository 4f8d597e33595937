import { z } from 'zod';
import { decisionStatusSchema } from '#shared/domain/decision.ts';
import { epochMs, moneySchema, ticksSchema } from '#shared/units.ts';
import type { Journal, OpinionRow, ProposalRow } from '#desk/ports/journal.ts';
import { FILED, UNFILED } from './decision-filing.ts';
import type { Prepare } from './statements.ts';

export type OpinionReads = Pick<Journal, 'opinions' | 'proposals'>;

const direction = z.union([z.literal(-1), z.literal(0), z.literal(1)]).nullable();
const nullableNumber = z.number().nullable();
const opinion = [direction, nullableNumber, nullableNumber] as const;
const factsSchema = z.tuple([z.string(), decisionStatusSchema, z.number().int(), ...opinion, ...opinion]);

const PATHS = [
  '$.recommendationId',
  '$.decision.status',
  '$.decision.contracts',
  ...['lstm', 'ensemble'].flatMap((model) =>
    ['direction', 'confidence', 'latencyMs'].map((field) => `$.snapshot.opinions.${model}.${field}`),
  ),
];

/** Several paths in one call: the body, which carries the whole snapshot, is parsed once and by SQLite. */
const SQL = `SELECT d.seq, d.at, json_extract(body, ${PATHS.map((path) => `'${path}'`).join(', ')}) AS facts
  FROM decisions d CROSS JOIN events e USING (seq) WHERE d.seq > @after ORDER BY d.seq LIMIT @limit`;

const proposalSchema = z.tuple([
  ...([z.string(), z.union([z.literal(-1), z.literal(1)]), z.number().int().positive(), ticksSchema] as const),
  ...([moneySchema, moneySchema, moneySchema] as const),
]);

const PROPOSAL_PATHS = [
  ...['$.recommendationId', '$.decision.direction', '$.decision.contracts', '$.entry', '$.decision.riskPerContract'],
  ...['$.snapshot.instrument.tickValue', '$.snapshot.instrument.roundTurnFee'],
];

/** Only what came to a size: the index by status leaves the vetoed ones, most of all, unread. */
const sized = (
  rows: string,
): string => `SELECT d.seq, d.at, d.symbol, json_extract(e.body, ${PROPOSAL_PATHS.map((path) => `'${path}'`).join(', ')}) AS facts
  FROM decisions d JOIN events e ON e.seq = d.seq WHERE ${rows} AND d.status IN ('sized', 'evaluation')`;
export const PROPOSALS = `${sized(`d.${FILED}`)} UNION ALL ${sized(`d.${UNFILED}`)} ORDER BY 1`;

export const opinionReads = (prepare: Prepare): OpinionReads => ({
  opinions: (page) =>
    prepare(SQL)
      .all(page)
      .map((row): OpinionRow => {
        const facts = factsSchema.parse(JSON.parse(String(row['facts'])));
        const [recommendationId, status, contracts, ...said] = facts;
        return {
          seq: Number(row['seq']),
          at: epochMs(Number(row['at'])),
          recommendationId,
          status,
          contracts,
          lstm: { direction: said[0], confidence: said[1], latencyMs: said[2] },
          ensemble: { direction: said[3], confidence: said[4], latencyMs: said[5] },
        };
      }),
  proposals: () =>
    prepare(PROPOSALS)
      .all({})
      .map((row): ProposalRow => {
        const facts = proposalSchema.parse(JSON.parse(String(row['facts'])));
        const [recommendationId, direction, contracts, entry, riskPerContract, tickValue, roundTurnFee] = facts;
        return {
          ...{ at: epochMs(Number(row['at'])), symbol: String(row['symbol']), recommendationId, direction, contracts },
          ...{ entry, riskPerContract, tickValue, roundTurnFee },
        };
      }),
});
