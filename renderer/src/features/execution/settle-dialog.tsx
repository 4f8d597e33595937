import { ReasonForm } from '#renderer/src/features/frame/reason-form.tsx';
import { useState } from 'react';
import { closeDialog, useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { askBroker, settleOrder } from '#renderer/src/store/execution.ts';
import { useOrders } from '#renderer/src/store/orders.ts';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { contractName, orderQuantity, orderRoleWord } from '#renderer/src/ui/words.ts';
import css from './execution.module.css';

const cls = styler(css);

const OUTCOMES = [
  {
    as: 'never-arrived',
    name: 'It never reached the broker',
    effect: 'The order ends as refused. Nothing is sent again.',
  },
  { as: 'canceled', name: 'It is cancelled', effect: 'The order ends as cancelled; fills that were booked stay.' },
] as const;

/** The trader's own word on an order the broker cannot tell about, after looking at the broker's screen. */
export function SettleDialog({ clientOrderId }: { readonly clientOrderId: string | null }) {
  const order = useOrders((s) => (clientOrderId === null ? undefined : s.byId[clientOrderId]));
  const isAsking = useUi((s) => s.busy[`ask:${clientOrderId ?? ''}`] === true);
  const [outcome, setOutcome] = useState<(typeof OUTCOMES)[number]['as'] | null>(null);
  if (order === undefined || order.certainty.kind !== 'in-doubt') {
    return (
      <Modal title="This order is no longer in doubt" onClose={closeDialog}>
        <p>The broker has answered meanwhile.</p>
      </Modal>
    );
  }
  const what = `${contractName(order.symbol)} ${orderQuantity(order)}, ${orderRoleWord(order).toLowerCase()}`;
  return (
    <Modal
      title="What became of this order?"
      description="Look at the broker’s own screen first. A wrong answer here leaves an order that nobody watches."
      onClose={closeDialog}
    >
      <p>
        <strong>{what}</strong> <span className={cls('quiet')}>{order.certainty.why}</span>
      </p>
      <div className={cls('ask')}>
        <Button aria-disabled={isAsking} onClick={() => void askBroker(order.clientOrderId)}>
          {isAsking ? 'Asking' : 'Ask the broker now'}
        </Button>
        <span className={cls('quiet')}>The desk also asks by itself. It is never sent again.</span>
      </div>
      <ReasonForm
        target={`settle:${order.clientOrderId}`}
        label="Where you saw it"
        confirm="Settle the order"
        cancel="Leave it in doubt"
        hold={outcome === null ? 'Say what became of it' : null}
        onConfirm={(reason) => outcome !== null && void settleOrder(order.clientOrderId, outcome, reason)}
      >
        <fieldset className={cls('choices')}>
          <legend className={cls('quiet')}>The broker’s screen shows</legend>
          {OUTCOMES.map(({ as, name, effect }) => (
            <label key={as} className={cls('choice')}>
              <input type="radio" name="outcome" checked={outcome === as} onChange={() => setOutcome(as)} />
              <span>
                <strong>{name}.</strong> {effect}
              </span>
            </label>
          ))}
        </fieldset>
      </ReasonForm>
    </Modal>
  );
}
