import { clockTime } from '#renderer/src/ui/times.ts';
import type { ExecutionView, Reconciliation } from '#shared/domain/risk.ts';
import { countedText } from '#shared/wording/index.ts';

const TRIGGERS = {
  start: 'at the start',
  reconnect: 'after a reconnect',
  periodic: 'as every minute',
  fills: 'after fills',
  asked: 'when asked',
} as const satisfies Record<NonNullable<Reconciliation['trigger']>, string>;

/** When broker and journal were last compared, and with what result. */
export function comparisonText({ state, at, trigger, detail, differences }: Reconciliation): string {
  const when = at === null ? '' : ` at ${clockTime(at)}${trigger === null ? '' : `, ${TRIGGERS[trigger]}`}`;
  switch (state) {
    case 'never':
      return 'Broker and journal have not been compared yet.';
    case 'running':
      return 'Comparing with the broker …';
    case 'clean':
      return `They agreed${when}.`;
    case 'differences':
      return `${countedText(differences.length, 'difference')} found${when}.`;
    case 'failed':
      return `The comparison failed${when}: ${detail === '' ? 'the broker did not answer' : detail}. No entry leaves until one succeeds.`;
  }
}

export type StripLine = { readonly id: string; readonly text: string; readonly action: 'differences' | null };

/** What must be looked at before the desk is itself again; empty when nothing must. */
export function stripLines(view: ExecutionView): readonly StripLine[] {
  const { reconciliation, locks } = view;
  const found = reconciliation.differences.length;
  const lines: StripLine[] = [];
  if (found > 0) {
    const symbols = [...new Set(reconciliation.differences.map((one) => one.symbol))].join(', ');
    lines.push({
      id: 'differences',
      text: `The broker and the journal differ in ${symbols}. Entries there are locked until you settle it.`,
      action: 'differences',
    });
  } else if (reconciliation.state === 'failed') {
    lines.push({ id: 'failed', text: comparisonText(reconciliation), action: 'differences' });
  }
  const differing = new Set(reconciliation.differences.map((one) => one.symbol));
  for (const { symbol, reason } of locks)
    if (!differing.has(symbol))
      lines.push({ id: `lock ${symbol}`, text: `${symbol} is locked: ${reason}.`, action: null });
  const foreign = reconciliation.externalOrders.length;
  if (found === 0 && foreign > 0)
    lines.push({
      id: 'external',
      text: `${countedText(foreign, 'order')} at the broker ${foreign === 1 ? 'was' : 'were'} not sent by this desk.`,
      action: 'differences',
    });
  return lines;
}
