import { contractSpec } from '#desk/engine/futures/contract-table.ts';

/**
 * Symbol of a share. It may have the letters of a future's root (CL is Colgate and crude oil): then it becomes
 * `CL.STK`, so that it is never taken for the future.
 */
export const shareSymbol = (symbol: string): string =>
  contractSpec(symbol.toUpperCase()) === null ? symbol : `${symbol}.STK`;
