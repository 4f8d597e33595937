import type { TradeRow } from '#shared/contract/journal-views.ts';
import { DASH, rText, signedMoneyText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { Tag } from '#renderer/src/ui/tag.tsx';
import { contractName, directionSign, directionWord } from '#renderer/src/ui/words.ts';
import css from './row-grid.module.css';
import type { Column } from './row-grid.tsx';
import {
  accountName,
  closedText,
  excursionDetail,
  excursionText,
  heldText,
  isGross,
  netDetail,
  noR,
  priceOr,
  priceStyleOf,
  toneOf,
} from './trade-words.ts';
import type { Instruments } from './trade-words.ts';

const cls = styler(css);

function Net({ trade }: { readonly trade: TradeRow }) {
  return (
    <span className={cls('strong', toneOf(trade.net))} title={netDetail(trade)}>
      {signedMoneyText(trade.net)}
    </span>
  );
}

function R({ trade }: { readonly trade: TradeRow }) {
  if (trade.r === null) {
    return (
      <span className={cls('quiet')} title={noR}>
        {DASH}
      </span>
    );
  }
  return <span className={cls(toneOf(trade.r))}>{rText(trade.r)}</span>;
}

function Excursion({ trade, of }: { readonly trade: TradeRow; readonly of: 'mae' | 'mfe' }) {
  const amount = trade[of];
  return (
    <span className={cls(amount === null ? 'quiet' : 'medium')} title={excursionDetail(amount, trade.plannedRisk)}>
      {excursionText(amount)}
    </span>
  );
}

const SHOWN_TAGS = 3;

/** Tags first, then setup and mistakes: whatever of it fits, all of it in the tooltip. */
function Labels({ trade }: { readonly trade: TradeRow }) {
  const { annotation } = trade;
  if (annotation === null) return null;
  const { tags, setup, mistakes } = annotation;
  const all = [...tags, ...(setup === null ? [] : [setup]), ...mistakes];
  const rest = all.length - SHOWN_TAGS;
  return (
    <span className={cls('tags')} title={all.join(', ')}>
      {all.slice(0, SHOWN_TAGS).map((label) => (
        <Tag key={label} tone={mistakes.includes(label) ? 'warn' : 'plain'}>
          {mistakes.includes(label) ? `! ${label}` : label}
        </Tag>
      ))}
      {rest > 0 && <Tag>+{rest}</Tag>}
    </span>
  );
}

function Rating({ value }: { readonly value: number | null }) {
  if (value === null) return <span className={cls('quiet')}>{DASH}</span>;
  return <span aria-label={`${value} of 5`}>{`★ ${value}`}</span>;
}

function Origin({ trade }: { readonly trade: TradeRow }) {
  if (!trade.isImported) return <span className={cls('quiet')}>own</span>;
  const gross = isGross(trade) ? '; no fees in the file, so net is gross' : '';
  return (
    <span className={cls('tags')} title={`Imported, account ${accountName(trade.account)}${gross}`}>
      <Tag tone="accent">imported</Tag>
      {isGross(trade) && <Tag tone="warn">gross</Tag>}
    </span>
  );
}

/**
 * The columns of the trades, each with the width it needs and the room from which it is shown: that of all columns shown
 * by then with 12 px between them and 22 px around. What does not fit is left out; no figure is ever cut.
 */
export const tradeColumns = (instruments: Instruments, now: number): readonly Column<TradeRow>[] => [
  { id: 'exit', title: 'Closed', width: '112px', sort: 'exit', cell: (trade) => closedText(trade.exitAt, now) },
  {
    id: 'symbol',
    title: 'Symbol',
    width: '64px',
    sort: 'symbol',
    cell: ({ symbol }) => (
      <span className={cls('strong')} title={symbol}>
        {contractName(symbol)}
      </span>
    ),
  },
  {
    id: 'side',
    title: 'Side',
    width: '56px',
    cell: ({ direction }) => `${directionSign(direction)} ${directionWord(direction)}`,
  },
  { id: 'quantity', title: 'Qty', width: '30px', isNumber: true, sort: 'quantity', cell: ({ quantity }) => quantity },
  {
    id: 'entry',
    title: 'Entry',
    width: '78px',
    isNumber: true,
    from: 670,
    cell: (trade) => priceOr(priceStyleOf(trade, instruments), trade.entryPrice),
  },
  {
    id: 'exitPrice',
    title: 'Exit',
    width: '78px',
    isNumber: true,
    from: 670,
    cell: (trade) => priceOr(priceStyleOf(trade, instruments), trade.exitPrice),
  },
  {
    id: 'net',
    title: 'Net P&L',
    width: '88px',
    isNumber: true,
    sort: 'net',
    cell: (trade) => <Net trade={trade} />,
  },
  {
    id: 'r',
    title: 'R',
    hint: 'net result in multiples of the planned risk',
    width: '58px',
    isNumber: true,
    sort: 'r',
    cell: (trade) => <R trade={trade} />,
  },
  {
    id: 'mae',
    title: 'MAE',
    hint: 'Maximum adverse excursion: the worst it stood, open and gross',
    width: '58px',
    isNumber: true,
    from: 1040,
    cell: (trade) => <Excursion trade={trade} of="mae" />,
  },
  {
    id: 'mfe',
    title: 'MFE',
    hint: 'Maximum favourable excursion: the best it stood, open and gross',
    width: '58px',
    isNumber: true,
    from: 1040,
    cell: (trade) => <Excursion trade={trade} of="mfe" />,
  },
  { id: 'held', title: 'Held', width: '54px', isNumber: true, sort: 'duration', from: 840, cell: heldText },
  {
    id: 'labels',
    title: 'Tags',
    width: 'minmax(72px, 360px)',
    from: 760,
    cell: (trade) => <Labels trade={trade} />,
  },
  {
    id: 'rating',
    title: 'Rated',
    width: '36px',
    from: 890,
    cell: ({ annotation }) => <Rating value={annotation?.rating ?? null} />,
  },
  { id: 'origin', title: 'Origin', width: '112px', from: 1150, cell: (trade) => <Origin trade={trade} /> },
];
