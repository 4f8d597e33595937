import { z } from 'zod';
import { annotationSchema, subjectSchema } from '#shared/domain/annotation.ts';
import { tradeSchema } from '#shared/domain/order.ts';
import { decisionStatusSchema } from '#shared/domain/decision.ts';
import { recommendationSchema, recommendationStateSchema } from '#shared/domain/recommendation.ts';
import { epochMsSchema, moneySchema } from '#shared/units.ts';

const text = z.string().trim().max(200);
const isoDay = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const page = { limit: z.number().int().min(1).max(1000), offset: z.number().int().min(0) };

/** Whose trades: this desk's own, those imported from elsewhere, or both. */
export const tradeOriginSchema = z.enum(['own', 'imported', 'all']);
export type TradeOrigin = z.output<typeof tradeOriginSchema>;

/** What a list of trades is narrowed by. All conditions hold together. */
export const tradeQuerySchema = z.strictObject({
  origin: tradeOriginSchema.optional(),
  account: z.string().max(80).optional(),
  symbol: z.string().max(64).optional(),
  root: z.string().max(16).optional(),
  direction: z.union([z.literal(1), z.literal(-1)]).optional(),
  outcome: z.enum(['win', 'loss', 'flat']).optional(),
  /** Session days, inclusive. */
  fromDay: isoDay.optional(),
  toDay: isoDay.optional(),
  tag: z.string().max(40).optional(),
  setup: z.string().max(40).optional(),
  mistake: z.string().max(40).optional(),
  /** At least this many stars. */
  minRating: z.number().int().min(1).max(5).optional(),
  /** Words in notes, tags, setups and mistakes; all of them, in any order. */
  text: text.optional(),
});
export type TradeQuery = z.output<typeof tradeQuerySchema>;

export const tradeSortSchema = z.strictObject({
  by: z.enum(['exit', 'entry', 'symbol', 'quantity', 'net', 'r', 'duration']),
  isDescending: z.boolean(),
});
export type TradeSort = z.output<typeof tradeSortSchema>;

export const tradePageInputSchema = z.strictObject({
  filter: tradeQuerySchema.optional(),
  sort: tradeSortSchema.optional(),
  ...page,
});

/** A trade as the journal screen shows it. */
export const tradeRowSchema = z.strictObject({
  ...tradeSchema.shape,
  isImported: z.boolean(),
  /** Worst and best open P&L while it was on, from recorded bars, gross; null where no bar was recorded. */
  mae: moneySchema.nullable(),
  mfe: moneySchema.nullable(),
  annotation: annotationSchema.nullable(),
  /** Price units per tick; absent where the contract is not known, and prices can only be shown in ticks. */
  tickSize: z.number().positive().optional(),
});
export type TradeRow = z.output<typeof tradeRowSchema>;

export const tradePageSchema = z.strictObject({ total: z.number().int().min(0), trades: z.array(tradeRowSchema) });

/** Sums over a filter. Ratios over nothing are null. */
export const tradeSummarySchema = z.strictObject({
  count: z.number().int().min(0),
  wins: z.number().int().min(0),
  losses: z.number().int().min(0),
  flats: z.number().int().min(0),
  gross: moneySchema,
  fees: moneySchema,
  net: moneySchema,
  /** Sum of R over the trades that have one, and how many do. */
  sumR: z.number(),
  countR: z.number().int().min(0),
  bestNet: moneySchema.nullable(),
  worstNet: moneySchema.nullable(),
  sumWins: moneySchema,
  /** Positive. */
  sumLosses: moneySchema,
});
export type TradeSummary = z.output<typeof tradeSummarySchema>;

export const tradeSummaryViewSchema = z.strictObject({
  all: tradeSummarySchema,
  bySymbol: z.array(z.strictObject({ root: z.string(), summary: tradeSummarySchema })),
});

export const calendarDaySchema = z.strictObject({
  day: isoDay,
  net: moneySchema,
  trades: z.number().int().positive(),
  wins: z.number().int().min(0),
  sumR: z.number(),
});
export type CalendarDay = z.output<typeof calendarDaySchema>;

export const decisionQuerySchema = z.strictObject({
  symbol: z.string().max(64).optional(),
  state: recommendationStateSchema.optional(),
  status: decisionStatusSchema.optional(),
  from: epochMsSchema.optional(),
  /** Strictly before. */
  to: epochMsSchema.optional(),
  /** Words in the trader's reasons and annotations. */
  text: text.optional(),
});
export type DecisionQuery = z.output<typeof decisionQuerySchema>;

export const decisionPageInputSchema = z.strictObject({ filter: decisionQuerySchema.optional(), ...page });
export const decisionPageSchema = z.strictObject({
  total: z.number().int().min(0),
  recommendations: z.array(recommendationSchema),
});

/** Labels in use, most used first. */
export const labelsSchema = z.strictObject({
  tags: z.array(z.strictObject({ label: z.string(), count: z.number().int().positive() })),
  setups: z.array(z.strictObject({ label: z.string(), count: z.number().int().positive() })),
  mistakes: z.array(z.strictObject({ label: z.string(), count: z.number().int().positive() })),
});
export type Labels = z.output<typeof labelsSchema>;

export const searchHitSchema = z.strictObject({
  subject: subjectSchema,
  /** The words around the match; matched words stand between U+E000 and U+E001. */
  excerpt: z.string(),
  at: epochMsSchema,
});
export type SearchHit = z.output<typeof searchHitSchema>;

/** An import that was made. */
export const importRecordSchema = z.strictObject({
  importId: z.string(),
  at: epochMsSchema,
  fileName: z.string(),
  sha256: z.string(),
  format: z.string(),
  added: z.number().int().min(0),
  known: z.number().int().min(0),
  skipped: z.number().int().min(0),
  assumptions: z.array(z.string()),
});
export type ImportRecord = z.output<typeof importRecordSchema>;

export const exportKindSchema = z.enum(['trades', 'fills', 'decisions', 'archive']);
export const exportFormatSchema = z.enum(['csv', 'json']);
export type ExportKind = z.output<typeof exportKindSchema>;
export type ExportFormat = z.output<typeof exportFormatSchema>;
