import { useEffect, useState } from 'react';
import type { SyntheticEvent } from 'react';
import { arm } from '#renderer/src/store/actions.ts';
import { limitsReading } from '#renderer/src/store/settings.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { closeDialog, useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { moneyText, percentText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { ModeBadge } from '#renderer/src/ui/tag.tsx';
import css from './form.module.css';

const cls = styler(css);

/** A limit in money, and as the share of equity it is: the share alone until the desk has said what it comes to. */
function Limit({
  name,
  field,
  share,
}: {
  readonly name: string;
  readonly field: string;
  readonly share: number | null;
}) {
  const money = limitsReading.use((s) => s.value?.fields.find((one) => one.field === field)?.money ?? null);
  const words = share === null ? '—' : `${percentText(share)} of equity`;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{money === null ? words : moneyText(money)}</dd>
      {money !== null && <dd className={cls('share')}>{words}</dd>}
    </div>
  );
}

/** What the account is and what may be lost, before real orders may leave. */
function Figures({ account }: { readonly account: string }) {
  const equity = useStatus((s) => s.risk?.equity ?? null);
  const config = useStatus((s) => s.config);
  useEffect(() => {
    limitsReading.show('limits');
    limitsReading.refresh();
  }, []);
  return (
    <dl className={cls('figures')}>
      <div>
        <dt>Account</dt>
        <dd>{account}</dd>
      </div>
      <div>
        <dt>Equity</dt>
        <dd>{equity === null ? '—' : moneyText(equity)}</dd>
      </div>
      <Limit name="Most per trade" field="maxRiskPerTrade" share={config?.maxRiskPerTrade ?? null} />
      <Limit name="Day loss halts at" field="breakers.dayLossHalt" share={config?.breakers.dayLossHalt ?? null} />
    </dl>
  );
}

/** Live trading is armed by typing the exact account id. Escape is the safe way out. */
export function ArmDialog() {
  const account = useStatus((s) => s.identity?.account ?? '');
  const [typed, setTyped] = useState('');
  const failure = useUi((s) => s.failures['arm']);
  const isEqual = account !== '' && typed === account;
  const missing = Math.max(0, account.length - typed.length);
  const hint = isEqual ? 'It matches.' : missing > 0 ? `${missing} characters to go` : 'That is not the account id.';
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isEqual) void arm(typed);
  };
  return (
    <Modal
      tone="live"
      title={
        <>
          <ModeBadge mode="live" /> Arm live trading until this window closes
        </>
      }
      onClose={closeDialog}
    >
      <Figures account={account} />
      <p>Orders you approve will be sent to the broker with real money. Type the account id to arm.</p>
      <form className={cls('form')} onSubmit={submit}>
        <div className={cls('row')}>
          <input
            className={cls('input', 'mono')}
            aria-label="Account id"
            value={typed}
            autoFocus
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
          <Button variant="danger" size="large" aria-disabled={!isEqual} onClick={() => void arm(typed)}>
            Arm live
          </Button>
          <Button size="large" keys={['Esc']} onClick={closeDialog}>
            Stay unarmed
          </Button>
        </div>
        <span className={cls('hint')} role="status">
          {hint}
        </span>
        {failure !== undefined && (
          <p className={cls('failure')} role="alert">
            {failure}
          </p>
        )}
      </form>
    </Modal>
  );
}
