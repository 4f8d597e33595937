import type { BrokerParts } from '#desk/adapters/connection-parts.ts';
import { createVenueTimes } from '#desk/adapters/venue-times.ts';
import type { Broker, BrokerCapabilities, BrokerEvent, BrokerSnapshot } from '#desk/ports/broker.ts';
import { type EpochMs, epochMs } from '#shared/units.ts';
import { askAccounts, askBalances, askDefinitions, createAccount } from './account.ts';
import { createCalls } from './calls.ts';
import { type Frame, readFrame } from './codec.ts';
import { accountFault, accountWarning, type DtcBrokerConfig } from './config.ts';
import { createExecutionLedger } from './executions.ts';
import type { MessageOf } from './fields.ts';
import { createHoldings } from './holdings.ts';
import { createIntake } from './intake.ts';
import { createDtcLink } from './link.ts';
import { ACCOUNT_BALANCE_UPDATE } from './messages/accounts.ts';
import { ORDER_UPDATE } from './messages/orders.ts';
import { HEARTBEAT } from './messages/session.ts';
import { SECURITY_DEFINITION_RESPONSE } from './messages/symbols.ts';
import { createOrderBook } from './order-book.ts';
import type { OrderUpdate } from './order-state.ts';
import type { Logon } from './session.ts';
import { createListing } from './symbols.ts';
import { timeOf } from './times.ts';

/** Of orders and executions, what a server can still speak of. */
const REMEMBERED_MS = 30 * 86_400_000;

const VENUE = 'dtc';
const OFF =
  'trading is not allowed at the server: in Sierra Chart, Global Settings, Sierra Chart Server Settings, DTC Protocol Server, set Allow Trading to Yes';

const isYes = (flag: number | undefined): boolean => flag === 1;
/** A server that cannot hold stop and target for an entry gets them when it has filled. */
const capabilitiesOf = (logon: Logon | null): BrokerCapabilities => ({
  brackets:
    logon === null || (isYes(logon.BracketOrdersSupported) && isYes(logon.OCOOrdersSupported)) ? 'native' : 'emulated',
  replace: logon === null || isYes(logon.OrderCancelReplaceSupported),
  // An order that filled unheard is listed only as an execution without a name: the trader must say.
  absence: null,
});

/** A snapshot that knows nothing: it is not complete, and so never read as "nothing there". */
const nothingKnown = (at: EpochMs): BrokerSnapshot => ({
  ...{ isComplete: false, at, orders: [], completed: [], fills: [], positions: [] },
});

function remembered({ journal, clock }: BrokerParts) {
  const from = epochMs(Math.max(0, clock.now() - REMEMBERED_MS));
  const orders = journal?.orders({}) ?? [];
  return {
    orders: orders.filter(
      ({ updatedAt, life }) => life !== 'created' && life !== 'denied' && (updatedAt >= from || life === 'working'),
    ),
    fills: journal?.fills({ from }) ?? [],
  };
}

/**
 * Makes the broker of a DTC server: Sierra Chart, or another that speaks JSON. While it is not connected, or trading is
 * not allowed, a submit is rejected (nothing was sent), a cancel or change is unknown, a find cannot tell and a snapshot
 * is not complete. Nothing is ever sent twice.
 */
export function createDtcBroker(config: DtcBrokerConfig, parts: BrokerParts): Broker {
  const { clock, account } = parts;
  const listing = createListing(parts.instruments, config.priceMultipliers);
  const past = remembered(parts);
  const book = createOrderBook(past.orders);
  const ledger = createExecutionLedger({ venue: VENUE, account, journaled: past.fills });
  const listeners = new Set<(event: BrokerEvent) => void>();
  const funds = createAccount(clock, account);
  const times = createVenueTimes(clock);
  /** Events begin when `connect` has resolved; what happened before is in the snapshot that follows it. */
  let isListening = false;

  const tradingBlock = (): string | null => {
    const logon = link.logon();
    return logon !== null && !isYes(logon.TradingIsSupported) ? OFF : null;
  };
  const onUpdate = (update: OrderUpdate): void => {
    if (update.TradeAccount !== '' && update.TradeAccount !== account) return;
    const isNamed = update.ServerOrderID !== '' || update.ClientOrderID !== '';
    if (isNamed) intake.update(update);
    else if (update.NoOrders !== 1) calls.takeNameless(update);
  };
  /** Whole seconds, cut off; how long the message was on its way is not known, and counts as up to another second. */
  const onHeartbeat = ({ CurrentDateTime }: MessageOf<typeof HEARTBEAT>): void => {
    const at = timeOf(CurrentDateTime);
    if (at !== null) times.read({ at, askedAt: clock.monotonic() - 1_000, stepMs: 1_000 });
  };
  const onFrame = (frame: Frame): void => {
    if (frame.type === HEARTBEAT.type) onHeartbeat(readFrame(HEARTBEAT, frame));
    if (frame.type === ACCOUNT_BALANCE_UPDATE.type) {
      funds.take(readFrame(ACCOUNT_BALANCE_UPDATE, frame));
      link.refresh();
    }
    if (link.takeAnswer(frame)) return;
    if (frame.type === ORDER_UPDATE.type) onUpdate(readFrame(ORDER_UPDATE, frame));
    else if (frame.type === SECURITY_DEFINITION_RESPONSE.type) {
      const definition = readFrame(SECURITY_DEFINITION_RESPONSE, frame);
      listing.ofVenue(definition.Symbol)?.define(definition);
    }
  };
  const onLogon = async (logon: Logon): Promise<void> => {
    isListening = false;
    times.forget();
    if (logon.ProtocolVersion < 1) throw new Error(`the server speaks version ${logon.ProtocolVersion} of DTC`);
    const accounts = await askAccounts(link);
    const fault = accountFault(account, parts.mode, accounts);
    if (fault !== null) throw new Error(fault);
    await askBalances(link).catch(() => []);
    if (isYes(logon.SecurityDefinitionsSupported)) await askDefinitions(link, listing);
    isListening = true;
  };
  const link = createDtcLink(config, {
    ...{ id: parts.id, name: parts.name, kind: 'broker', clock, secrets: parts.secrets },
    ...{ clientName: config.clientName, tradeAccount: account, onFrame, onLogon },
    onDown: (why) => {
      isListening = false;
      intake.stop();
      calls.failAll(why);
    },
    flaw: () => tradingBlock() ?? funds.restriction(),
    caution: accountWarning(account, parts.mode),
  });
  const intake = createIntake({
    ...{ clock, listing, book, ledger },
    emit: (event) => {
      if (isListening) for (const listener of listeners) listener(event);
    },
    onTaken: (order, update) => calls.take(order, update),
    fetch: () => holdings.fetch(),
  });
  const holdings = createHoldings({ clock, link, account, listing, book, ledger, intake });
  const calls = createCalls({
    ...{ clock, link, book, form: { listing, account, isAutomated: config.isAutomatedOrder } },
    block: () => {
      if (!link.isUp() || !isListening) return 'the DTC server is not connected: nothing was sent';
      return tradingBlock();
    },
    look: async () => {
      await holdings.openOrders();
    },
  });

  return {
    venue: VENUE,
    account,
    get capabilities() {
      return capabilitiesOf(link.logon());
    },
    connect: (signal) => link.connect(signal),
    snapshot: async (since, signal) => {
      if (signal.aborted) throw new Error('snapshot: aborted', { cause: signal.reason });
      return link.isUp() ? holdings.snapshot(since) : nothingKnown(clock.now());
    },
    submit: (group) => calls.submit(group),
    cancel: (order) => calls.cancel(order),
    replace: (order, terms) => calls.replace(order, terms),
    cancelExternal: (venueOrderId) => calls.cancelExternal(venueOrderId),
    find: (clientOrderId) => holdings.find(clientOrderId),
    definition: (symbol) => listing.ofDesk(symbol)?.definition() ?? null,
    initialMargin: (symbol) => listing.ofDesk(symbol)?.definition()?.initialMargin ?? null,
    balance: () => funds.balance(),
    venueTime: () => times.current(),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    connection: link.log.current,
    onConnection: link.log.onChange,
    close: async () => {
      isListening = false;
      intake.stop();
      calls.failAll('the connection was closed');
      await link.close();
    },
  };
}
