import { ReasonForm } from '#renderer/src/features/frame/reason-form.tsx';
import { useShallow } from 'zustand/react/shallow';
import { closeDialog } from '#renderer/src/store/ui.ts';
import { flattenAll, useExecution } from '#renderer/src/store/execution.ts';
import { usePositions } from '#renderer/src/store/orders.ts';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { contractName } from '#renderer/src/ui/words.ts';
import { quantityText, signedMoneyText } from '#shared/format/numbers.ts';
import { killText } from '#shared/wording/index.ts';
import css from './execution.module.css';

const cls = styler(css);

/** The second step of the kill switch: what it would close, in numbers, before it does. */
export function FlattenAllDialog() {
  const positions = usePositions(useShallow((s) => s.symbols.map((symbol) => s.bySymbol[symbol])));
  const kill = useExecution((s) => s.view?.kill ?? null);
  const open = positions.filter((position) => position !== undefined);
  return (
    <Modal
      title="Flatten all positions"
      description="Every position the broker holds is closed at the market, once nothing works in it any more. What is filled cannot be taken back."
      onClose={closeDialog}
    >
      {kill !== null && kill.step !== 'idle' && <p className={cls('state')}>{killText(kill)}</p>}
      {open.length === 0 ? (
        <p>This desk shows no open position. The broker is asked all the same, and what it holds is closed.</p>
      ) : (
        <ul className={cls('plain')}>
          {open.map((position) => (
            <li key={position.symbol}>
              <strong>{contractName(position.symbol)}</strong> {quantityText(position.quantity)}
              <span className={cls('quiet')}>
                {' '}
                open {position.openPnl === null ? '— no price' : signedMoneyText(position.openPnl)}
              </span>
            </li>
          ))}
        </ul>
      )}
      <ReasonForm
        target="flatten-all"
        label="Why everything is closed"
        confirm={open.length === 0 ? 'Close whatever is open' : `Close ${open.length} at the market`}
        cancel="Keep them"
        tone="danger"
        onConfirm={(reason) => void flattenAll(reason)}
      />
    </Modal>
  );
}
