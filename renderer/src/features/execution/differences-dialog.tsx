import { useState } from 'react';
import form from '#renderer/src/features/frame/form.module.css';
import { closeDialog, useUi } from '#renderer/src/store/ui.ts';
import { cancelExternal, compareNow, resolveDifference, useExecution } from '#renderer/src/store/execution.ts';
import { useInstruments } from '#renderer/src/store/market.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { Empty } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { Tag } from '#renderer/src/ui/tag.tsx';
import { clockTime } from '#renderer/src/ui/times.ts';
import { contractName } from '#renderer/src/ui/words.ts';
import { priceText, quantityText } from '#shared/format/numbers.ts';
import type { Difference, DifferenceChoice, ExternalOrder } from '#shared/domain/risk.ts';
import { choiceName, choiceText, differenceText } from '#shared/wording/index.ts';
import { comparisonText } from './comparison.ts';
import css from './execution.module.css';

const cls = styler({ ...form, ...css });

function DifferenceCard({ difference }: { readonly difference: Difference }) {
  const target = `difference:${difference.id}`;
  const [choice, setChoice] = useState<DifferenceChoice | null>(null);
  const [reason, setReason] = useState('');
  const instrument = useInstruments((s) => s.bySymbol[difference.symbol] ?? null);
  const failure = useUi((s) => s.failures[target]);
  const isBusy = useUi((s) => s.busy[target] === true);
  const missing = choice === null ? 'Choose what to do' : reason.trim() === '' ? 'Write a reason' : null;
  return (
    <li className={cls('card')}>
      <div className={cls('cardHead')}>
        <Tag tone={difference.severity === 'halt' ? 'loss' : 'warn'}>
          {difference.severity === 'halt' ? 'halted' : 'locked'}
        </Tag>
        <strong>{differenceText(difference)}</strong>
        <span className={cls('quiet', 'right')}>since {clockTime(difference.foundAt)}</span>
      </div>
      <fieldset className={cls('choices')}>
        <legend className={cls('quiet')}>What to do about it</legend>
        {difference.choices.map((one) => (
          <label key={one} className={cls('choice')}>
            <input type="radio" name={difference.id} checked={choice === one} onChange={() => setChoice(one)} />
            <span>
              <strong>{choiceName(difference, one)}.</strong> {choiceText(difference, one, instrument)}
            </span>
          </label>
        ))}
      </fieldset>
      <div className={cls('row')}>
        <input
          className={cls('input')}
          aria-label="Reason"
          placeholder="Why: it is kept in the journal"
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
        />
        <Button
          variant="primary"
          aria-disabled={missing !== null || isBusy}
          onClick={() => choice !== null && void resolveDifference(difference.id, choice, reason.trim())}
        >
          {isBusy ? 'Working' : (missing ?? choiceName(difference, choice ?? 'ignore'))}
        </Button>
      </div>
      {failure !== undefined && (
        <p className={cls('failure')} role="alert">
          {failure}
        </p>
      )}
    </li>
  );
}

function ExternalRow({ order }: { readonly order: ExternalOrder }) {
  const instrument = useInstruments((s) => s.bySymbol[order.symbol]);
  const isBusy = useUi((s) => s.busy[`external:${order.venueOrderId}`] === true);
  const price = order.price === null || instrument === undefined ? 'market' : priceText(instrument, order.price);
  return (
    <li className={cls('external')}>
      <strong>{contractName(order.symbol)}</strong> {quantityText(order.direction * (order.quantity - order.filled))}{' '}
      {order.type} {price} <span className={cls('quiet')}>{order.venueOrderId}</span>
      <span className={cls('right')}>
        <Button size="small" aria-disabled={isBusy} onClick={() => void cancelExternal(order.venueOrderId)}>
          Cancel at the broker
        </Button>
      </span>
    </li>
  );
}

/** What broker and journal do not agree on, each with its choices and what they would do, in numbers. */
export function DifferencesDialog() {
  const reconciliation = useExecution((s) => s.view?.reconciliation ?? null);
  const isBusy = useUi((s) => s.busy['compare'] === true);
  const failure = useUi((s) => s.failures['compare']);
  if (reconciliation === null) return null;
  const { differences, externalOrders } = reconciliation;
  return (
    <Modal
      title="Broker and journal"
      width="wide"
      description="Until a difference is settled its contract is locked and only orders that reduce risk leave the desk."
      onClose={closeDialog}
    >
      <div className={cls('row')}>
        <span role="status">{comparisonText(reconciliation)}</span>
        <span className={cls('right')}>
          <Button aria-disabled={isBusy} onClick={() => void compareNow()}>
            {isBusy ? 'Comparing' : 'Compare now'}
          </Button>
        </span>
      </div>
      {failure !== undefined && (
        <p className={cls('failure')} role="alert">
          {failure}
        </p>
      )}
      {differences.length === 0 && externalOrders.length === 0 && (
        <Empty title="They agree">Positions, orders and executions are the same on both sides.</Empty>
      )}
      <ul className={cls('cards')}>
        {differences.map((difference) => (
          <DifferenceCard key={difference.id} difference={difference} />
        ))}
      </ul>
      {externalOrders.length > 0 && (
        <section>
          <h3 className={cls('heading')}>Orders at the broker that this desk did not send</h3>
          <ul className={cls('plain')}>
            {externalOrders.map((order) => (
              <ExternalRow key={order.venueOrderId} order={order} />
            ))}
          </ul>
        </section>
      )}
    </Modal>
  );
}
