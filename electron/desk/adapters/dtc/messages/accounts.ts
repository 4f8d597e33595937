// Made by build/make-dtc-messages.mjs from build/dtc-schema.json. Do not edit.
import { define, number, numberOr, text } from '#desk/adapters/dtc/fields.ts';

export const TRADE_ACCOUNTS_REQUEST = define(400, 'TRADE_ACCOUNTS_REQUEST', {
  RequestID: number,
});

export const TRADE_ACCOUNT_RESPONSE = define(401, 'TRADE_ACCOUNT_RESPONSE', {
  TotalNumberMessages: number,
  MessageNumber: number,
  TradeAccount: text(32),
  RequestID: number,
});

export const ACCOUNT_BALANCE_REQUEST = define(601, 'ACCOUNT_BALANCE_REQUEST', {
  RequestID: number,
  TradeAccount: text(32),
});

export const ACCOUNT_BALANCE_REJECT = define(602, 'ACCOUNT_BALANCE_REJECT', {
  RequestID: number,
  RejectText: text(96),
});

export const ACCOUNT_BALANCE_UPDATE = define(600, 'ACCOUNT_BALANCE_UPDATE', {
  RequestID: number,
  CashBalance: number,
  BalanceAvailableForNewPositions: number,
  AccountCurrency: text(8),
  TradeAccount: text(32),
  SecuritiesValue: number,
  MarginRequirement: number,
  TotalNumberMessages: number,
  MessageNumber: number,
  NoAccountBalances: number,
  Unsolicited: number,
  OpenPositionsProfitLoss: number,
  DailyProfitLoss: number,
  InfoText: text(96),
  TransactionIdentifier: number,
  DailyNetLossLimit: number,
  TrailingAccountValueToLimitPositions: number,
  DailyNetLossLimitReached: number,
  IsUnderRequiredMargin: number,
  ClosePositionsAtEndOfDay: number,
  TradingIsDisabled: number,
  Description: text(96),
  IsUnderRequiredAccountValue: number,
  TransactionDateTime: number,
  MarginRequirementFull: number,
  MarginRequirementFullPositionsOnly: number,
  PeakMarginRequirement: number,
});

export const ACCOUNT_BALANCE_ADJUSTMENT = define(607, 'ACCOUNT_BALANCE_ADJUSTMENT', {
  RequestID: number,
  TradeAccount: text(32),
  CreditAmount: number,
  DebitAmount: number,
  Currency: text(8),
  Reason: text(96),
});

export const ACCOUNT_BALANCE_ADJUSTMENT_REJECT = define(608, 'ACCOUNT_BALANCE_ADJUSTMENT_REJECT', {
  RequestID: number,
  RejectText: text(96),
});

export const ACCOUNT_BALANCE_ADJUSTMENT_COMPLETE = define(609, 'ACCOUNT_BALANCE_ADJUSTMENT_COMPLETE', {
  RequestID: number,
  TransactionID: number,
});

export const HISTORICAL_ACCOUNT_BALANCES_REQUEST = define(603, 'HISTORICAL_ACCOUNT_BALANCES_REQUEST', {
  RequestID: number,
  TradeAccount: text(32),
  StartDateTime: number,
});

export const HISTORICAL_ACCOUNT_BALANCES_REJECT = define(604, 'HISTORICAL_ACCOUNT_BALANCES_REJECT', {
  RequestID: number,
  RejectText: text(96),
});

export const HISTORICAL_ACCOUNT_BALANCE_RESPONSE = define(606, 'HISTORICAL_ACCOUNT_BALANCE_RESPONSE', {
  RequestID: number,
  DateTime: number,
  CashBalance: number,
  AccountCurrency: text(8),
  TradeAccount: text(32),
  IsFinalResponse: number,
  NoAccountBalances: number,
  InfoText: text(96),
  TransactionId: text(64),
});

export const USER_MESSAGE = define(700, 'USER_MESSAGE', {
  UserMessage: text(256),
  IsPopupMessage: numberOr(1),
});

export const GENERAL_LOG_MESSAGE = define(701, 'GENERAL_LOG_MESSAGE', {
  MessageText: text(128),
});

export const ALERT_MESSAGE = define(702, 'ALERT_MESSAGE', {
  MessageText: text(128),
  TradeAccount: text(32),
});

export const JOURNAL_ENTRY_ADD = define(703, 'JOURNAL_ENTRY_ADD', {
  JournalEntry: text(256),
  DateTime: number,
});

export const JOURNAL_ENTRIES_REQUEST = define(704, 'JOURNAL_ENTRIES_REQUEST', {
  RequestID: number,
  StartDateTime: number,
});

export const JOURNAL_ENTRIES_REJECT = define(705, 'JOURNAL_ENTRIES_REJECT', {
  RequestID: number,
  RejectText: text(96),
});

export const JOURNAL_ENTRY_RESPONSE = define(706, 'JOURNAL_ENTRY_RESPONSE', {
  JournalEntry: text(256),
  DateTime: number,
  IsFinalResponse: number,
});
