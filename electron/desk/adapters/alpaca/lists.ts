import type { z } from 'zod';
import type { EpochMs } from '#shared/units.ts';
import type { Rest } from './rest.ts';
import {
  accountSchema,
  activitiesSchema,
  type ForeignOrder,
  orderSchema,
  ordersSchema,
  positionsSchema,
  timeOf,
  type WireActivity,
  type WireOrder,
} from './wire.ts';

/** Whole lists of an account, page by page. Each rejects with a sentence where a page cannot be had. */
const ORDERS_A_PAGE = 500;
const ACTIVITIES_A_PAGE = 100;
/** Some servers have smaller pages than were asked for, but none as small as this. */
const FEWEST_A_PAGE = 10;
/** More pages than that are no list but a mistake. */
const MOST_PAGES = 200;

async function read<S extends z.ZodType>(rest: Rest, path: string, schema: S): Promise<z.output<S>> {
  const answer = await rest.get(path, schema);
  if (!answer.ok) throw new Error(answer.error.why);
  return answer.value;
}

/** Orders with their legs. `since` is of when they were submitted. */
export async function listOrders(rest: Rest, status: 'open' | 'closed', since: EpochMs | null): Promise<WireOrder[]> {
  const found = new Map<string, WireOrder | ForeignOrder>();
  let bounds: Record<string, string> = since === null ? {} : { after: new Date(since).toISOString() };
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const asked = { status, limit: String(ORDERS_A_PAGE), direction: 'asc', nested: 'true' };
    const query = new URLSearchParams({ ...asked, ...bounds });
    const orders = await read(rest, `/v2/orders?${query.toString()}`, ordersSchema);
    const before = found.size;
    for (const order of orders) found.set(order.id, order);
    const isNews = found.size > before;
    if (orders.length < FEWEST_A_PAGE || (!isNews && orders.length < ORDERS_A_PAGE))
      return [...found.values()].flatMap((order) => ('isForeign' in order ? [] : [order]));
    // A full page of nothing new would be taken for the end, and is none.
    if (!isNews) break;
    bounds = { ...bounds, ...nextBound(orders) };
  }
  throw new Error('Alpaca lists more orders than can be read');
}

/** Where the next page begins. Servers that do not know the direction list the newest first. */
function nextBound(orders: readonly Pick<WireOrder, 'submitted_at'>[]): { after: string } | { until: string } {
  const [first, last] = [orders.at(0), orders.at(-1)].map((order) => timeOf(order?.submitted_at ?? null));
  if (first == null || last == null) throw new Error('Alpaca lists an order without the time it was submitted');
  // Orders of the same moment may lie on both sides of a page.
  if (last < first) return { until: new Date(last + 1).toISOString() };
  return { after: new Date(last - 1).toISOString() };
}

/** Executions since a time, oldest first. */
export async function listFills(rest: Rest, since: EpochMs): Promise<WireActivity[]> {
  const found = new Map<string, WireActivity>();
  let token: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = new URLSearchParams({ direction: 'asc', page_size: String(ACTIVITIES_A_PAGE) });
    query.set('after', new Date(since).toISOString());
    if (token !== null) query.set('page_token', token);
    const activities = await read(rest, `/v2/account/activities/FILL?${query.toString()}`, activitiesSchema);
    const before = found.size;
    for (const activity of activities) found.set(activity.id, activity);
    token = activities.at(-1)?.id ?? null;
    const isNews = found.size > before;
    if (activities.length < FEWEST_A_PAGE || (!isNews && activities.length < ACTIVITIES_A_PAGE))
      return [...found.values()].sort(byTime);
    if (!isNews) break;
  }
  throw new Error('Alpaca lists more executions than can be read');
}

/** Oldest first; those of one order in one moment by what it had filled with them. */
function byTime(a: WireActivity, b: WireActivity): number {
  const apart = (timeOf(a.transaction_time) ?? 0) - (timeOf(b.transaction_time) ?? 0);
  return apart !== 0 || a.order_id !== b.order_id ? apart : Number(a.cum_qty ?? 0) - Number(b.cum_qty ?? 0);
}

export const listPositions = (rest: Rest) => read(rest, '/v2/positions', positionsSchema);
export const readAccount = (rest: Rest) => read(rest, '/v2/account', accountSchema);

/** One order with its legs; null where Alpaca has none of it. Rejects where it does not say. */
export async function orderAt(rest: Rest, path: string): Promise<WireOrder | null> {
  const answer = await rest.get(path, orderSchema);
  if (answer.ok) return answer.value;
  if (answer.error.status === 404) return null;
  throw new Error(answer.error.why);
}
export const orderById = (rest: Rest, id: string): Promise<WireOrder | null> =>
  orderAt(rest, `/v2/orders/${encodeURIComponent(id)}?nested=true`);
const CHAIN = 20;

/** The order a client id stands for now: what it was changed into, if it was. */
export async function orderByClientId(rest: Rest, clientOrderId: string): Promise<WireOrder | null> {
  const query = new URLSearchParams({ client_order_id: clientOrderId });
  const first = await orderAt(rest, `/v2/orders:by_client_order_id?${query.toString()}`);
  if (first === null) return null;
  let order = (await orderById(rest, first.id)) ?? first;
  for (let n = 0; order.replaced_by !== null && n < CHAIN; n += 1) {
    const next = await orderById(rest, order.replaced_by);
    if (next === null) break;
    order = next;
  }
  return order;
}
