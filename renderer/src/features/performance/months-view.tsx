import { useEffect } from 'react';
import type { DayResult, Months, TradeResult } from '#shared/domain/performance-detail.ts';
import { countText, DASH, rText, signedMoneyText } from '#shared/format/numbers.ts';
import { calendarMonth } from '#renderer/src/features/journal/calendar.ts';
import { ReadingStrip } from '#renderer/src/features/journal/list-states.tsx';
import { MonthGrid, tradesText } from '#renderer/src/features/journal/month-grid.tsx';
import { toneOf } from '#renderer/src/features/journal/trade-words.ts';
import { months as reading, openDay, showMonth, usePerformance, yearDays } from '#renderer/src/store/performance.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty, Panel, Skeleton } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { isoDayText, isoMonthText } from '#renderer/src/ui/times.ts';
import { MonthTable } from './month-table.tsx';
import css from './views.module.css';

const cls = styler(css);

type ResultProps = { readonly name: string; readonly result: DayResult | TradeResult | null };

/** The best or worst of its kind; it leads to its day in the Journal. */
function Result({ name, result }: ResultProps) {
  if (result === null) {
    return (
      <div className={cls('result')}>
        <dt>{name}</dt>
        <dd className={cls('resultValue')}>{DASH}</dd>
        <dd className={cls('resultNote')}>no trade yet</dd>
      </div>
    );
  }
  const { day, net } = result;
  const detail =
    'trades' in result
      ? tradesText(result.trades)
      : `${result.symbol}, ${result.r === null ? 'no planned stop' : rText(result.r)}`;
  return (
    <div className={cls('result')}>
      <dt>{name}</dt>
      <dd className={cls('resultValue', toneOf(net))}>{signedMoneyText(net)}</dd>
      <dd className={cls('resultNote')}>
        <Button size="small" variant="quiet" onClick={() => openDay(day)}>
          {isoDayText(day)}
        </Button>{' '}
        {detail}
      </dd>
    </div>
  );
}

function Extremes({ months }: { readonly months: Months }) {
  const { up, down, flat } = months.days;
  return (
    <section className={cls('results')} aria-label="Best and worst">
      <dl>
        <Result name="Best day" result={months.bestDay} />
        <Result name="Worst day" result={months.worstDay} />
        <Result name="Best trade" result={months.bestTrade} />
        <Result name="Worst trade" result={months.worstTrade} />
      </dl>
      <p className={cls('resultNote')}>
        {countText(up)} days up, {countText(down)} down{flat === 0 ? '' : `, ${countText(flat)} at zero`}
      </p>
    </section>
  );
}

function DayCalendar({ month }: { readonly month: string }) {
  const year = month.slice(0, 4);
  const { value, readAt, failure } = yearDays.use();
  const answered = yearDays.use((s) => s.answered);
  useEffect(() => yearDays.show(year), [year]);
  const days = answered === year ? value : null;
  return (
    <Panel id="days" title={isoMonthText(month)} note="by session day; a day opens its trades in the Journal">
      <ReadingStrip failure={failure} readAt={readAt} retry={() => yearDays.refresh()} what="The days" />
      {days === null ? (
        failure === null && <Skeleton rows={5} text="Adding up the days" />
      ) : (
        <div className={cls('calendar')}>
          <MonthGrid days={days} grid={calendarMonth(days, month)} onDay={openDay} onMonth={showMonth} />
        </div>
      )}
    </Panel>
  );
}

function Content({ months }: { readonly months: Months }) {
  const chosen = usePerformance((s) => s.month);
  const month = chosen ?? months.months.at(-1)?.month ?? null;
  if (month === null) {
    return <Empty title="No month to show yet">The first trade that closes begins the table.</Empty>;
  }
  return (
    <div className={cls('halves')}>
      <div className={cls('half')}>
        <Panel id="months" title="Months" note="what closed in them, net of costs">
          <MonthTable months={months} chosen={month} />
        </Panel>
      </div>
      <div className={cls('half')}>
        <Extremes months={months} />
        <DayCalendar month={month} />
      </div>
    </div>
  );
}

/** The account by month and year, the days of one month, and the best and worst of all. */
export function MonthsView() {
  const { value, readAt, failure } = reading.use();
  useEffect(() => reading.show('all'), []);
  return (
    <div className={cls('view')}>
      <ReadingStrip failure={failure} readAt={readAt} retry={() => reading.refresh()} what="The months" />
      {value === null ? (
        failure === null && <Skeleton rows={8} text="Adding up the months" />
      ) : (
        <Content months={value} />
      )}
    </div>
  );
}
