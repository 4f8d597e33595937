import type { SizingConfig } from '#shared/domain/sizing.ts';
import { readAside } from './stage.ts';

type Open = { readonly symbol: string; readonly left: number; readonly risk: number };

export type LimitReport = { readonly approvals: number; readonly faults: readonly string[] };

/**
 * Walks a journal as an auditor would, with its own account of what is open: nothing but the events. At every approval
 * it holds the contracts and the planned risk of all that is open or on its way against the limits in force.
 */
export function limitFaults(path: string): LimitReport {
  const faults: string[] = [];
  let approvals = 0;
  readAside(path, (aside) => {
    const open = new Map<string, Open>();
    const orders = new Map<string, { parent: string; role: string }>();
    const configs = new Map<string, { config: SizingConfig; equity: number; ceiling: number }>();
    let realised = 0;
    const kinds = ['opened', 'decision', 'recommendation', 'intent', 'order', 'fill'] as const;
    for (const { seq, event } of aside.events({ kinds })) {
      if (event.kind === 'opened') realised = event.initialEquity;
      if (event.kind === 'decision') {
        const { snapshot, decision } = event;
        const limits = decision.walls.filter((w) => w.code !== 'kelly').map((w) => w.allowed);
        configs.set(event.recommendationId, {
          config: snapshot.config,
          equity: snapshot.equity,
          ceiling: Math.min(Infinity, ...limits),
        });
      }
      if (event.kind === 'intent') {
        const { terms, plannedRiskPerContract } = event;
        orders.set(terms.clientOrderId, { parent: terms.parentId ?? terms.clientOrderId, role: terms.role });
        if (terms.role !== 'entry') continue;
        approvals += 1;
        const known = configs.get(terms.recommendationId ?? '');
        const risk = plannedRiskPerContract ?? Infinity;
        if (known === undefined) {
          faults.push(`${seq}: an entry without a decision`);
          continue;
        }
        open.set(terms.clientOrderId, { symbol: terms.symbol, left: terms.quantity, risk });
        const { config, equity, ceiling } = known;
        const total = [...open.values()].reduce((sum, o) => sum + o.left * o.risk, 0);
        const held = [...open.values()].filter((o) => o.symbol === terms.symbol).reduce((sum, o) => sum + o.left, 0);
        const say = (text: string): void => void faults.push(`${seq} ${terms.symbol}: ${text}`);
        if (terms.quantity > ceiling) say(`${terms.quantity} contracts, ${ceiling} allowed at the decision`);
        if (held > config.maxContracts) say(`${held} contracts held`);
        if (terms.quantity * risk > config.maxRiskPerTrade * equity * (1 + 1e-9))
          say(`${terms.quantity * risk} at risk of ${equity}`);
        // Planned risk, before any stop has been passed by the market: never above the heat limit.
        if (total > config.maxHeat * Math.max(equity, realised) * (1 + 1e-9)) say(`heat ${total / equity}`);
      }
      if (event.kind === 'order') {
        const { clientOrderId, event: change } = event;
        const order = open.get(clientOrderId);
        if (order === undefined || !['canceled', 'rejected', 'expired', 'denied'].includes(change.kind)) continue;
        open.delete(clientOrderId);
      }
      if (event.kind === 'fill') {
        const order = orders.get(event.fill.clientOrderId ?? '');
        if (order === undefined || order.role === 'entry') continue;
        const entry = [...open].find(([id, o]) =>
          order.role === 'flatten' ? o.symbol === event.fill.symbol : id === order.parent,
        );
        if (entry === undefined) {
          faults.push(`${seq}: an exit of nothing`);
          continue;
        }
        const left = entry[1].left - event.fill.quantity;
        if (left < 0) faults.push(`${seq}: closed more than was open`);
        if (left <= 0) open.delete(entry[0]);
        else open.set(entry[0], { ...entry[1], left });
      }
    }
  });
  return { approvals, faults };
}
