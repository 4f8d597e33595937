import type { FormatReader } from '#desk/imports/format.ts';

import { generic } from './generic.ts';
import { ibkrActivity } from './ibkr-activity.ts';
import { ibkrFlex } from './ibkr-flex.ts';
import { ninjatraderExecutions } from './ninjatrader-executions.ts';
import { ninjatraderTrades } from './ninjatrader-trades.ts';
import { rithmicOrders } from './rithmic-orders.ts';
import { rithmicPerformance } from './rithmic-performance.ts';
import { sierraActivity } from './sierra-activity.ts';
import { topstepOrders } from './topstep-orders.ts';
import { topstepTrades } from './topstep-trades.ts';
import { tradenote } from './tradenote.ts';
import { tradingviewOrders } from './tradingview-orders.ts';
import { tradovateOrders } from './tradovate-orders.ts';
import { tradovatePerformance } from './tradovate-performance.ts';

/** Every format the desk reads, in the order of `IMPORT_FORMATS`. */
export const FORMATS: readonly FormatReader[] = [
  tradovatePerformance,
  tradovateOrders,
  ninjatraderTrades,
  ninjatraderExecutions,
  sierraActivity,
  ibkrActivity,
  ibkrFlex,
  tradingviewOrders,
  topstepTrades,
  topstepOrders,
  rithmicOrders,
  rithmicPerformance,
  tradenote,
  generic,
];
