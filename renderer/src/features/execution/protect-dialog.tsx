import { useState } from 'react';
import type { SyntheticEvent } from 'react';
import form from '#renderer/src/features/frame/form.module.css';
import { closeDialog, useUi } from '#renderer/src/store/ui.ts';
import { protect } from '#renderer/src/store/execution.ts';
import { useInstruments } from '#renderer/src/store/market.ts';
import { usePositions } from '#renderer/src/store/orders.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { contractName } from '#renderer/src/ui/words.ts';
import { moneyText, priceText, quantityText } from '#shared/format/numbers.ts';
import { money, ticks } from '#shared/units.ts';
import { readStop } from './stop-price.ts';
import css from './execution.module.css';

const cls = styler({ ...form, ...css });

/** Puts a stop under a position that has none for all of it, with the loss it would mean. */
export function ProtectDialog({ symbol }: { readonly symbol: string | null }) {
  const position = usePositions((s) => (symbol === null ? undefined : s.bySymbol[symbol]));
  const instrument = useInstruments((s) => (symbol === null ? undefined : s.bySymbol[symbol]));
  const [text, setText] = useState('');
  const failure = useUi((s) => s.failures[`protect:${symbol ?? ''}`]);
  if (position === undefined || instrument === undefined) {
    return (
      <Modal title="There is nothing to protect" onClose={closeDialog}>
        <p>The position is closed.</p>
      </Modal>
    );
  }
  const mark = position.last ?? position.averagePrice;
  const stop = readStop(text, { instrument, mark, direction: position.quantity > 0 ? 1 : -1 });
  const loss = stop.ticks === null ? null : Math.abs(mark - stop.ticks) * Math.abs(position.quantity);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (stop.ticks !== null) void protect(position.symbol, ticks(stop.ticks));
  };
  return (
    <Modal
      title={`A stop under ${contractName(position.symbol)} ${quantityText(position.quantity)}`}
      description={`The last price is ${priceText(instrument, Math.round(mark))}. The stop covers what has none.`}
      onClose={closeDialog}
    >
      <form className={cls('form')} onSubmit={submit}>
        <label className={cls('label')}>
          Stop price
          <input
            className={cls('input')}
            value={text}
            autoFocus
            inputMode="decimal"
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <span className={cls('hint')} role="status">
          {stop.error ??
            `At the stop ${moneyText(money(Math.round((loss ?? 0) * instrument.tickValue)))} of the present value is lost, before slippage.`}
        </span>
        {failure !== undefined && (
          <p className={cls('failure')} role="alert">
            {failure}
          </p>
        )}
        <div className={cls('row', 'end')}>
          <Button
            variant="primary"
            aria-disabled={stop.ticks === null}
            onClick={() => stop.ticks !== null && void protect(position.symbol, ticks(stop.ticks))}
          >
            Send the stop
          </Button>
          <Button keys={['Esc']} onClick={closeDialog}>
            Not now
          </Button>
        </div>
      </form>
    </Modal>
  );
}
