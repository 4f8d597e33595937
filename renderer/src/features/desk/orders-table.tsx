import { memo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Order } from '#shared/domain/order.ts';
import { DoubtButton } from '#renderer/src/features/execution/doubt-button.tsx';
import { useClock } from '#renderer/src/store/clock.ts';
import { useInstruments } from '#renderer/src/store/market.ts';
import { useOrders, workingIds } from '#renderer/src/store/orders.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { durationText, priceText } from '#shared/format/numbers.ts';
import { Empty } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { contractName, orderLifeWord, orderQuantity, orderRoleWord } from '#renderer/src/ui/words.ts';
import { requestCancel } from './exits.ts';
import css from './table.module.css';

const cls = styler(css);

function Certainty({ order }: { readonly order: Order }) {
  const since = order.certainty.kind === 'in-doubt' ? order.certainty.since : null;
  const ageText = useClock((s) => (since === null ? '' : durationText(s.now - since)));
  if (since === null) return <span className={cls('quiet')}>✓ known</span>;
  return <DoubtButton order={order} age={ageText} />;
}

function Pending({ order }: { readonly order: Order }) {
  const { pending } = order;
  if (pending.kind === 'cancel') return <>cancel</>;
  if (pending.kind === 'replace') return <>→ {pending.quantity}</>;
  return <span className={cls('quiet')}>—</span>;
}

function CancelButton({ order }: { readonly order: Order }) {
  const id = order.clientOrderId;
  const isPending = useUi((s) => s.pending?.kind === 'cancel' && s.pending.target === id);
  const isBusy = useUi((s) => s.busy[id] === true);
  const isAsked = order.pending.kind === 'cancel';
  return (
    <span className={cls(isPending && 'waiting')}>
      <Button
        size="small"
        variant={isPending ? 'danger' : 'quiet'}
        aria-disabled={isBusy || isAsked}
        aria-label={isPending ? `Press Enter to cancel the ${order.symbol} order` : `Cancel the ${order.symbol} order`}
        onClick={() => requestCancel(id)}
      >
        {isPending ? 'Enter to cancel' : 'Cancel'}
      </Button>
    </span>
  );
}

const OrderRow = memo(function OrderRow({ id }: { readonly id: string }) {
  const order = useOrders((s) => s.byId[id]);
  const instrument = useInstruments((s) => (order === undefined ? undefined : s.bySymbol[order.symbol]));
  const isSelected = useUi((s) => s.orderId === id);
  const isUsed = useUi((s) => s.list === 'orders');
  if (order === undefined) return null;
  return (
    <tr
      id={`order-${id}`}
      aria-selected={isSelected}
      className={cls(isSelected && isUsed && 'selected')}
      title={order.certainty.kind === 'in-doubt' ? order.certainty.why : undefined}
      onClick={() => useUi.setState({ list: 'orders', orderId: id })}
    >
      <th scope="row">{contractName(order.symbol)}</th>
      <td className={cls('number')}>{orderQuantity(order)}</td>
      <td>{orderRoleWord(order)}</td>
      <td className={cls('number')}>
        {order.price === null || instrument === undefined ? 'market' : priceText(instrument, order.price)}
      </td>
      <td>{orderLifeWord(order.life)}</td>
      <td className={cls('pending')}>
        <Pending order={order} />
      </td>
      <td>
        <Certainty order={order} />
      </td>
      <td className={cls('action')}>
        <CancelButton order={order} />
      </td>
    </tr>
  );
});

/** Orders still at work: life, pending and certainty are three different things. */
export function OrdersTable() {
  const ids = useOrders(useShallow(workingIds));
  const selected = useUi((s) => s.orderId);
  if (ids.length === 0) {
    return (
      <Empty title="No working order">Entries, stops and targets are listed here while the broker holds them.</Empty>
    );
  }
  return (
    <div className={cls('room')}>
      <table
        className={cls('table')}
        role="grid"
        tabIndex={0}
        aria-label="Working orders"
        aria-activedescendant={selected !== null && ids.includes(selected) ? `order-${selected}` : undefined}
        onFocus={() => useUi.setState({ list: 'orders' })}
      >
        <thead>
          <tr>
            <th scope="col">Order</th>
            <th scope="col" className={cls('number', 'lots')}>
              Qty
            </th>
            <th scope="col" className={cls('role')}>
              Type
            </th>
            <th scope="col" className={cls('number', 'price')}>
              Price
            </th>
            <th scope="col" className={cls('life')}>
              Life
            </th>
            <th scope="col" className={cls('pending')}>
              Pending
            </th>
            <th scope="col" className={cls('certainty')}>
              Certainty
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {ids.map((id) => (
            <OrderRow key={id} id={id} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
