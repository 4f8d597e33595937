/** What a client asks, as the fields of its messages say. */

export type PlaceRequest = {
  readonly orderId: number;
  readonly conId: number;
  readonly localSymbol: string;
  readonly action: 'BUY' | 'SELL';
  readonly quantity: number;
  readonly type: string;
  readonly lmtPrice: string;
  readonly auxPrice: string;
  readonly tif: string;
  readonly ocaGroup: string;
  readonly ocaType: number;
  readonly account: string;
  readonly orderRef: string;
  readonly transmit: boolean;
  readonly parentId: number;
  readonly outsideRth: boolean;
  readonly whatIf: boolean;
};

/** Reads a placeOrder message (3), server versions 145 and later. */
export function readPlaceOrder(version: number, fields: readonly string[]): PlaceRequest {
  let at = 1;
  const next = (): string => fields[at++] ?? '';
  const skip = (count: number): void => {
    at += count;
  };
  const orderId = Number(next());
  const conId = Number(next());
  skip(9);
  const localSymbol = next();
  skip(3);
  const action = next() === 'BUY' ? 'BUY' : 'SELL';
  const quantity = Number(next());
  const [type, lmtPrice, auxPrice, tif, ocaGroup, account] = [next(), next(), next(), next(), next(), next()];
  skip(2);
  const orderRef = next();
  const transmit = next() !== '0';
  const parentId = Number(next());
  skip(4);
  const outsideRth = next() === '1';
  // hidden, shares allocation, discretionary amount, two times, allocation of advisors, model, short sale
  skip(1 + 1 + 1 + 2 + (version < 177 ? 4 : 3) + 1 + 3);
  const ocaType = Number(next());
  // rule 80A … override of constraints, volatility, trailing, scale, hedge, clearing, algo
  skip(15 + 4 + 2 + 2 + 3 + 3 + 1 + 1 + 2 + 1 + 1 + 1 + 1);
  const whatIf = next() === '1';
  return {
    ...{ orderId, conId, localSymbol, action, quantity, type, lmtPrice, auxPrice, tif, ocaGroup, account },
    ...{ orderRef, transmit, parentId, outsideRth, ocaType, whatIf },
  };
}

export type ContractRequest = {
  readonly reqId: number;
  readonly conId: number;
  readonly symbol: string;
  readonly secType: string;
  readonly month: string;
  readonly exchange: string;
  readonly localSymbol: string;
  readonly tradingClass: string;
};

/** Reads a request for contract details (9). */
export const readContractRequest = (fields: readonly string[]): ContractRequest => ({
  reqId: Number(fields[2]),
  conId: Number(fields[3]),
  symbol: fields[4] ?? '',
  secType: fields[5] ?? '',
  month: fields[6] ?? '',
  exchange: fields[10] ?? '',
  localSymbol: fields[13] ?? '',
  tradingClass: fields[14] ?? '',
});
