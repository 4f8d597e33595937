import type { Order } from '#shared/domain/order.ts';
import { askBroker } from '#renderer/src/store/execution.ts';
import { openDialog, useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './execution.module.css';

const cls = styler(css);

/** What can be done about an order in doubt: ask the broker again, or say what its screen shows. Never send again. */
export function DoubtActions({ order }: { readonly order: Order }) {
  const id = order.clientOrderId;
  const isAsking = useUi((s) => s.busy[`ask:${id}`] === true);
  return (
    <span className={cls('doubt')}>
      <Button
        size="small"
        aria-disabled={isAsking}
        aria-label={`Ask the broker about the ${order.symbol} order`}
        onClick={() => void askBroker(id)}
      >
        {isAsking ? 'Asking' : 'Ask'}
      </Button>
      <Button
        size="small"
        variant="quiet"
        aria-label={`Settle the ${order.symbol} order by hand`}
        onClick={() => openDialog('settle', id)}
      >
        Settle
      </Button>
    </span>
  );
}
