import { useEffect, useState } from 'react';
import { retryNow } from '#renderer/src/store/link.ts';
import { useOrders, doubtCount, workingIds } from '#renderer/src/store/orders.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { halt } from '#renderer/src/store/actions.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { durationText } from '#shared/format/numbers.ts';
import { Strip } from '#renderer/src/ui/panel.tsx';

/** This machine's time, stepping once a second while something waits. */
function useSeconds(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** The window has lost the desk: since when, when it tries again, and what that means for orders. */
function Lost({ lostAt }: { readonly lostAt: number }) {
  const now = useSeconds();
  const retryAt = useStatus((s) => s.retryAt);
  const working = useOrders((s) => workingIds(s).length);
  const doubtful = useOrders(doubtCount);
  const wait = retryAt === null ? 'Trying now.' : `Retry in ${durationText(Math.max(0, retryAt - now))}.`;
  const held =
    working === 0
      ? 'No order was working.'
      : `${working} orders were working${doubtful > 0 ? `, ${doubtful} in doubt` : ''}: the broker holds them.`;
  return (
    <Strip
      tone="loss"
      title={`Desk out of reach for ${durationText(now - lostAt)}.`}
      action={
        <Button size="small" onClick={retryNow}>
          Retry now
        </Button>
      }
    >
      {wait} {held} Nothing is sent from this window meanwhile, and nothing is sent again blindly.
    </Strip>
  );
}

/** A halt that did not reach the desk must not be lost among passing messages. */
function HaltFailed({ why }: { readonly why: string }) {
  return (
    <Strip
      tone="loss"
      title="HALT did not reach the desk."
      action={
        <Button size="small" variant="danger" onClick={() => void halt()}>
          Halt again
        </Button>
      }
    >
      {why} If it stays so, halt at the broker.
    </Strip>
  );
}

/** Shown once the desk was there and is not now. */
export function LinkStrip() {
  const haltFailure = useUi((s) => s.failures['halt']);
  return (
    <>
      {haltFailure !== undefined && <HaltFailed why={haltFailure} />}
      <Reach />
    </>
  );
}

function Reach() {
  const link = useStatus((s) => s.link);
  const lostAt = useStatus((s) => s.lostAt);
  const isLoaded = useStatus((s) => s.isLoaded);
  const loadError = useStatus((s) => s.loadError);
  if (isLoaded && link !== 'live' && lostAt !== null) return <Lost lostAt={lostAt} />;
  if (isLoaded && loadError !== null) {
    return (
      <Strip tone="warn" title="The desk did not answer.">
        {loadError} Trying again; what you see may be old.
      </Strip>
    );
  }
  return null;
}
