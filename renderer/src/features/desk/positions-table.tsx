import { memo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Position } from '#shared/domain/order.ts';
import { money } from '#shared/units.ts';
import type { Money, Ticks } from '#shared/units.ts';
import { useClock } from '#renderer/src/store/clock.ts';
import { useInstruments } from '#renderer/src/store/market.ts';
import { usePositions } from '#renderer/src/store/orders.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { openDialog, useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { durationText, priceText, quantityText, rText, signedMoneyText } from '#shared/format/numbers.ts';
import { Empty } from '#renderer/src/ui/panel.tsx';
import { shownSum } from '#renderer/src/ui/shown-money.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { contractName } from '#renderer/src/ui/words.ts';
import { requestFlatten } from './exits.ts';
import css from './table.module.css';

const cls = styler(css);

const tone = (value: number | null): string => (value === null || value === 0 ? '' : value > 0 ? 'gain' : 'loss');

const FlattenButton = memo(function FlattenButton({ symbol, quantity: held }: Pick<Position, 'symbol' | 'quantity'>) {
  const isPending = useUi((s) => s.pending?.kind === 'flatten' && s.pending.target === symbol);
  const isBusy = useUi((s) => s.busy[`flatten:${symbol}`] === true);
  const quantity = quantityText(held);
  return (
    <span className={cls(isPending && 'waiting')}>
      <Button
        size="small"
        variant={isPending ? 'danger' : 'quiet'}
        aria-disabled={isBusy}
        aria-label={isPending ? `Press Enter to flatten ${quantity} ${symbol}` : `Flatten ${symbol}`}
        onClick={() => requestFlatten(symbol)}
      >
        {isBusy ? 'Sending' : isPending ? `Enter to flatten ${quantity}` : 'Flatten'}
      </Button>
    </span>
  );
});

function LastCell({ position, instrument }: { readonly position: Position; readonly instrument: Instrument }) {
  const maxAge = useStatus((s) => s.config?.maxQuoteAgeMs ?? Number.POSITIVE_INFINITY);
  const staleMs = useClock((s) => {
    const ageMs = position.lastAt === null ? 0 : s.now - position.lastAt;
    return ageMs > maxAge ? ageMs : null;
  });
  if (position.last === null) return <td className={cls('number', 'quiet')}>— no price</td>;
  if (staleMs === null) return <td className={cls('number', 'last')}>{priceText(instrument, position.last)}</td>;
  // The age is told, and read under the pointer: written out it would push the columns about.
  const age = `${durationText(staleMs)} old`;
  return (
    <td className={cls('number', 'last', 'quiet')} title={age}>
      <span className={cls('old')} role="img" aria-label={age}>
        ◷
      </span>
      {priceText(instrument, position.last)}
    </td>
  );
}

const priceCell = (value: Ticks | null, instrument: Instrument): string =>
  value === null ? '—' : priceText(instrument, value);

const PositionRow = memo(function PositionRow({ symbol }: { readonly symbol: string }) {
  const position = usePositions((s) => s.bySymbol[symbol]);
  const instrument = useInstruments((s) => s.bySymbol[symbol]);
  const isSelected = useUi((s) => s.positionSymbol === symbol);
  const isUsed = useUi((s) => s.list === 'positions');
  if (position === undefined || instrument === undefined) return null;
  return (
    <tr
      id={`position-${symbol}`}
      aria-selected={isSelected}
      className={cls(isSelected && isUsed && 'selected')}
      onClick={() => useUi.setState({ list: 'positions', positionSymbol: symbol })}
    >
      <th scope="row">{contractName(symbol)}</th>
      <td className={cls('number')}>{quantityText(position.quantity)}</td>
      <td className={cls('number', 'entry')}>{priceText(instrument, position.averagePrice)}</td>
      <LastCell position={position} instrument={instrument} />
      <td className={cls('number', 'stop')}>{priceCell(position.stop, instrument)}</td>
      <td className={cls('number', 'strong', tone(position.openPnl))}>
        {position.openPnl === null ? '—' : signedMoneyText(position.openPnl)}
      </td>
      <td className={cls('number', 'ratio', tone(position.r))}>{position.r === null ? '—' : rText(position.r)}</td>
      <td className={cls('number')}>
        {position.riskAtStop === null ? (
          <Button size="small" variant="danger" onClick={() => openDialog('protect', symbol)}>
            No stop: protect
          </Button>
        ) : (
          signedMoneyText(negative(position.riskAtStop))
        )}
      </td>
      <td className={cls('action')}>
        <FlattenButton symbol={position.symbol} quantity={position.quantity} />
      </td>
    </tr>
  );
});

const negative = (amount: Money): Money => money(0 - amount);
const orNone = (amount: Money | null, change: (known: Money) => Money): Money | null =>
  amount === null ? null : change(amount);

function Totals({ positions }: { readonly positions: readonly Position[] }) {
  const known = positions.map((p) => p.openPnl).filter((pnl) => pnl !== null);
  const risks = positions.map((p) => p.riskAtStop).filter((risk) => risk !== null);
  const isWhole = known.length === positions.length;
  const open = shownSum(known);
  return (
    <tr>
      <th scope="row">{positions.length} open</th>
      <td />
      <td className={cls('entry')} />
      <td />
      <td className={cls('stop')} />
      <td className={cls('number', 'strong', isWhole && tone(open ?? 0))}>{isWhole ? signedMoneyText(open) : '—'}</td>
      <td className={cls('ratio')} />
      <td className={cls('number', 'strong')}>
        {risks.length === positions.length ? signedMoneyText(orNone(shownSum(risks), negative)) : '—'}
      </td>
      <td />
    </tr>
  );
}

/** Heads of the figures, each with what it makes room for and when it gives way. */
const COLUMNS = [
  ['Qty', ['quantity']],
  ['Entry', ['price', 'entry']],
  ['Last', ['lastPrice']],
  ['Stop', ['price', 'stop']],
  ['Open P&L', ['pnl']],
  ['R', ['ratio']],
  ['At stop', ['pnl']],
] as const;

const Heads = memo(function Heads() {
  return (
    <tr>
      <th scope="col">Position</th>
      {COLUMNS.map(([name, kinds]) => (
        <th key={name} scope="col" className={cls('number', ...kinds)}>
          {name}
        </th>
      ))}
      <td />
    </tr>
  );
});

/** Prices longer than this ask for more room: “23,487.00” is not, “112.515625” is. */
const USUAL_PRICE = 9;

const useHasLongPrices = (positions: readonly Position[]): boolean =>
  useInstruments((s) =>
    positions.some(({ symbol, averagePrice }) => {
      const instrument = s.bySymbol[symbol];
      return instrument !== undefined && priceText(instrument, averagePrice).length > USUAL_PRICE;
    }),
  );

/** Open positions with what they have made and what they lose at their stop. */
export function PositionsTable() {
  const symbols = usePositions((s) => s.symbols);
  const held = usePositions(useShallow((s) => s.symbols.map((symbol) => s.bySymbol[symbol])));
  const positions = held.filter((position) => position !== undefined);
  const selected = useUi((s) => s.positionSymbol);
  const isLong = useHasLongPrices(positions);
  if (symbols.length === 0) {
    return <Empty title="No open position">An approved recommendation appears here when it fills.</Empty>;
  }
  return (
    <div className={cls('room')}>
      <table
        className={cls('table', isLong && 'long')}
        role="grid"
        tabIndex={0}
        aria-label="Positions"
        aria-activedescendant={selected !== null && symbols.includes(selected) ? `position-${selected}` : undefined}
        onFocus={() => useUi.setState({ list: 'positions' })}
      >
        <thead>
          <Heads />
        </thead>
        <tbody>
          {symbols.map((symbol) => (
            <PositionRow key={symbol} symbol={symbol} />
          ))}
        </tbody>
        <tfoot>
          <Totals positions={positions} />
        </tfoot>
      </table>
    </div>
  );
}
