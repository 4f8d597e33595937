import type { Order } from '#shared/domain/order.ts';
import { openDialog } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './execution.module.css';

const cls = styler(css);

/** An order in doubt, and the way to what can be done about it: ask again, or say what the broker shows. */
export function DoubtButton({ order, age }: { readonly order: Order; readonly age: string }) {
  return (
    <Button
      size="small"
      variant="warn"
      title={order.certainty.kind === 'in-doubt' ? order.certainty.why : undefined}
      aria-label={`The ${order.symbol} order is in doubt for ${age}: ask the broker or settle it`}
      onClick={() => openDialog('settle', order.clientOrderId)}
    >
      <span className={cls('doubt')}>? in doubt {age}</span>
    </Button>
  );
}
