import { contractSpec } from '#desk/engine/futures/contract-table.ts';
import type { ContractSpec } from '#desk/engine/futures/contract-table.ts';
import { contractDates } from '#desk/engine/futures/expiry.ts';
import { parse32nds, tradePnl } from '#desk/engine/futures/prices.ts';
import { parseSymbol } from '#desk/engine/futures/symbol.ts';
import { toTicks } from '#desk/engine/numerics.ts';
import { contractsFor } from '#desk/engine/sizing-basis.ts';
import type { SizingBasis, SizingInput } from '#desk/engine/sizing-basis.ts';
import { MONEY_PER_USD, moneyFromUsd, usdOf } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

import type { VectorInput, VectorRegistry } from './types.ts';

const INVALID = { error: 'INVALID_INPUT' };
const BASES: readonly SizingBasis[] = ['stop', 'avgLoss', 'stopOrAvgLoss', 'margin', 'notional'];

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A number, or NaN for anything else, so that a wrong type is refused as NaN is. */
const number = (value: unknown): number => (typeof value === 'number' ? value : NaN);

const optional = (value: unknown): number | undefined =>
  value === undefined || value === null ? undefined : number(value);

/** USD as Money; NaN and infinities pass through unrounded for the engine to refuse. */
const usd = (value: unknown): Money =>
  Number.isFinite(number(value)) ? moneyFromUsd(number(value)) : (number(value) as Money);

/** Drops absent fields, as the engine's optional fields want it. */
const present = <T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

function specFields(spec: ContractSpec): unknown {
  const { tickValue, microOf, ...rest } = spec;
  return { ...rest, tickValue: usdOf(tickValue), microOf: microOf === null ? null : [microOf.root, microOf.ratio] };
}

function contractSpecVector(input: VectorInput): unknown {
  const spec = contractSpec(text(input['root']));
  return spec === null ? { error: 'UNKNOWN_ROOT' } : specFields(spec);
}

function tradePnlVector(input: VectorInput): unknown {
  const spec = contractSpec(text(input['root']));
  const direction = input['dir'];
  if (spec === null || (direction !== 1 && direction !== -1)) return INVALID;
  const entry = toTicks(number(input['entry']), spec.tickSize);
  const exit = toTicks(number(input['exit']), spec.tickSize);
  const roundTurnCost = usd(input['roundTurnCost']);
  if (!entry.ok || !exit.ok || !Number.isFinite(roundTurnCost)) return INVALID;
  const trade = { direction, entry: entry.value, exit: exit.value, contracts: number(input['contracts']) } as const;
  const pnl = tradePnl(spec, { ...trade, roundTurnCost });
  if (!pnl.ok) return INVALID;
  return { ticks: pnl.value.ticks, gross: usdOf(pnl.value.gross), net: usdOf(pnl.value.net) };
}

function parse32ndsVector(input: VectorInput): unknown {
  const price = parse32nds(text(input['text']));
  return price.ok ? price.value : { error: 'UNPARSEABLE' };
}

function parseSymbolVector(input: VectorInput): unknown {
  const symbol = parseSymbol(text(input['symbol']), number(input['referenceYear']));
  return symbol.ok ? symbol.value : { error: 'UNPARSEABLE' };
}

function lastTradeDateVector(input: VectorInput): unknown {
  const contract = { root: text(input['root']), year: number(input['year']), month: number(input['month']) };
  const dates = contractDates(contract);
  if (!dates.ok) return dates.error.code === 'unknown-root' ? { error: 'UNKNOWN_ROOT' } : INVALID;
  const { lastTrade, firstNotice, rollMonday, rollThursdayLegacy } = dates.value;
  return { date: lastTrade, firstNotice, rollMonday, rollThursdayLegacy };
}

/** The engine's input from the vector's; null when the root or the basis is none. */
function sizingInput(input: VectorInput): SizingInput | null {
  const spec = contractSpec(text(input['root']));
  const basis = BASES.find((name) => name === input['basis']);
  if (spec === null || basis === undefined) return null;
  const averageLoss = optional(input['avgLoss']);
  return {
    spec,
    basis,
    equity: usd(input['E']),
    fraction: number(input['f']),
    stopTicks: number(input['stopTicks']),
    slippageTicks: optional(input['slip']) ?? 0,
    roundTurnCost: usd(input['cost'] ?? 0),
    ...present({
      averageLoss: averageLoss === undefined ? undefined : averageLoss * MONEY_PER_USD,
      margin: optional(input['margin']) === undefined ? undefined : usd(input['margin']),
      price: optional(input['price']),
      riskCap: optional(input['riskCap']),
      maxContracts: optional(input['maxContracts']),
    }),
  };
}

function contractsForVector(input: VectorInput): unknown {
  const asked = sizingInput(input);
  const sizing = asked === null ? null : contractsFor(asked);
  if (sizing?.ok !== true) return INVALID;
  const { capitalPerContract, raw, contracts, limitedBy, risk, riskFraction } = sizing.value;
  return {
    capitalPerContract: capitalPerContract / MONEY_PER_USD,
    raw,
    contracts,
    limitedBy,
    riskDollars: risk / MONEY_PER_USD,
    riskFraction,
  };
}

/** Topic 4: contracts, prices, symbols, expiries, sizes. */
export const futuresVectors: VectorRegistry = {
  contractSpec: contractSpecVector,
  tradePnl: tradePnlVector,
  parse32nds: parse32ndsVector,
  parseSymbol: parseSymbolVector,
  lastTradeDate: lastTradeDateVector,
  contractsFor: contractsForVector,
};
