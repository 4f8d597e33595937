import type {
  AutoscaleInfo,
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from 'lightweight-charts';
import type { ChartColors } from './colors.ts';
import { spreadLabels } from '#renderer/src/features/performance/spread-labels.ts';
import { besideSpan, freePlace, LABEL_HEIGHT } from './label-layout.ts';

type DrawTarget = Parameters<IPrimitivePaneRenderer['draw']>[0];

export type PlanLine = {
  readonly kind: 'entry' | 'stop' | 'target';
  readonly price: number;
  /** Words on the line. */
  readonly label: string;
  /** The price as the instrument writes it. */
  readonly axisText: string;
};

export type ChartPlan = {
  readonly lines: readonly PlanLine[];
  readonly last: { readonly price: number; readonly axisText: string } | null;
  /**
   * Where the zone of risk and reward stands, epoch ms; absent: ahead of the last bar. A plan with a zone is over: its
   * lines stand within it, without handles and without boxes on the axis.
   */
  readonly zone?: { readonly from: number; readonly to: number };
};

const FONT = "500 11px 'IBM Plex Sans', sans-serif";
const HANDLE = 8;
/** How near a figure of the axis may come to the middle of a box, px. */
const COVERED = 16;
const WORDS_GAP = 14;
const DASHES = { entry: [], target: [7, 4], stop: [2, 3] } as const;

const colorOf = (kind: PlanLine['kind'], colors: ChartColors): string =>
  ({ entry: colors.accent, target: colors.gain, stop: colors.loss })[kind];

type Attached = SeriesAttachedParameter;

/** Draws the plan over the candles: lines, their words, handles, the zone ahead, and boxed prices on the axis. */
export class PlanPrimitive implements ISeriesPrimitive {
  #attached: Attached | null = null;
  #plan: ChartPlan = { lines: [], last: null };
  #colors: ChartColors;
  /** Time of the last bar, or of the bars the zone begins and ends at. */
  #zone: { readonly from: Time; readonly to: Time | null } | null = null;
  /** Height of the axis when it was drawn last, px. */
  #height = Number.POSITIVE_INFINITY;
  readonly #paneViews: readonly IPrimitivePaneView[];
  readonly #axisViews: readonly IPrimitivePaneView[];

  constructor(colors: ChartColors) {
    this.#colors = colors;
    const view = (draw: (target: DrawTarget) => void, zOrder: 'bottom' | 'normal'): IPrimitivePaneView => ({
      zOrder: () => zOrder,
      renderer: () => ({ draw }),
    });
    // Over the candles and the figures of the axis, and under the crosshair: nothing at rest is on the layers of that.
    this.#paneViews = [
      view((target) => this.#drawZone(target), 'bottom'),
      view((target) => this.#drawLines(target), 'normal'),
    ];
    this.#axisViews = [view((target) => this.#drawAxis(target), 'normal')];
  }

  attached(param: Attached): void {
    this.#attached = param;
  }

  detached(): void {
    this.#attached = null;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#paneViews;
  }

  priceAxisPaneViews(): readonly IPrimitivePaneView[] {
    return this.#axisViews;
  }

  /** Keeps the plan inside the visible price range. */
  autoscaleInfo(): AutoscaleInfo | null {
    const prices = this.#plan.lines.map((line) => line.price);
    if (prices.length === 0) return null;
    return { priceRange: { minValue: Math.min(...prices), maxValue: Math.max(...prices) } };
  }

  /** Sets what to draw; `zone` is where risk and reward are shaded, to the right edge without an end. */
  set(plan: ChartPlan, zone: { readonly from: Time; readonly to: Time | null } | null): void {
    this.#plan = plan;
    this.#zone = zone;
    this.#attached?.requestUpdate();
  }

  setColors(colors: ChartColors): void {
    this.#colors = colors;
    this.#attached?.requestUpdate();
  }

  /** Height of each line in px of the pane. */
  heights(): readonly { readonly kind: PlanLine['kind']; readonly y: number }[] {
    return this.#plan.lines.flatMap((line) => {
      const y = this.#y(line.price);
      return y === null ? [] : [{ kind: line.kind, y }];
    });
  }

  /** True where a figure of the axis would look out from behind a box. */
  isCovered(price: number): boolean {
    const y = this.#y(price);
    if (y === null || this.#plan.zone !== undefined) return false;
    return this.#boxes().some((box) => Math.abs(box.y - y) < COVERED);
  }

  /** The boxed prices on the axis, each where it stands: none on another, the last price first. */
  #boxes(): readonly AxisBox[] {
    const labels = this.#plan.lines.flatMap((line) => {
      const y = this.#y(line.price);
      return y === null ? [] : [{ y, text: line.axisText, color: colorOf(line.kind, this.#colors) }];
    });
    const { last } = this.#plan;
    const lastY = last === null ? null : this.#y(last.price);
    const places = spreadLabels(
      labels.map((label) => label.y),
      LABEL_HEIGHT,
      { min: LABEL_HEIGHT / 2, max: this.#height - LABEL_HEIGHT / 2 },
    );
    const placed = labels.map((label, i) => ({ ...label, y: places[i] ?? label.y }));
    if (last === null || lastY === null) return placed;
    return [{ y: freePlace(lastY, places), text: last.axisText, color: this.#colors.text }, ...placed];
  }

  #y(price: number): number | null {
    return this.#attached?.series.priceToCoordinate(price) ?? null;
  }

  #line(kind: PlanLine['kind']): { readonly line: PlanLine; readonly y: number } | null {
    const line = this.#plan.lines.find((candidate) => candidate.kind === kind);
    const y = line === undefined ? null : this.#y(line.price);
    return line === undefined || y === null ? null : { line, y };
  }

  /** Where the zone begins and ends in px; null while it is not on the time axis. */
  #span(width: number): { readonly left: number; readonly right: number } | null {
    const zone = this.#zone;
    const x = (time: Time) => this.#attached?.chart.timeScale().timeToCoordinate(time) ?? null;
    const from = zone === null ? null : x(zone.from);
    if (zone === null || from === null) return null;
    return zone.to === null ? { left: from + 5, right: width } : { left: from - 4, right: (x(zone.to) ?? width) + 4 };
  }

  #drawZone(target: DrawTarget): void {
    const entry = this.#line('entry');
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      const span = this.#span(mediaSize.width);
      if (span === null || entry === null) return;
      const { left, right } = span;
      for (const kind of ['target', 'stop'] as const) {
        const other = this.#line(kind);
        if (other === null || left >= right) continue;
        context.fillStyle = kind === 'target' ? this.#colors.gainBg : this.#colors.lossBg;
        context.fillRect(left, Math.min(entry.y, other.y), right - left, Math.abs(entry.y - other.y));
      }
    });
  }

  #drawLines(target: DrawTarget): void {
    if (this.#plan.zone !== undefined) {
      this.#drawPast(target);
      return;
    }
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      context.font = FONT;
      context.lineWidth = 1.5;
      const found = (['target', 'stop', 'entry'] as const).flatMap((kind) => this.#line(kind) ?? []);
      const lowest = Math.max(...found.map(({ y }) => y));
      // Words stand above their line, those of the lowest below it, and never on each other.
      const words = spreadLabels(
        found.map(({ y }) => (y === lowest ? y + 14 : y - 6)),
        WORDS_GAP,
        { min: 12, max: mediaSize.height - 4 },
      );
      for (const [i, { line, y }] of found.entries()) {
        const { kind } = line;
        const color = colorOf(kind, this.#colors);
        const handleX = mediaSize.width - 14;
        context.strokeStyle = color;
        context.setLineDash([...DASHES[kind]]);
        context.beginPath();
        context.moveTo(0, y);
        context.lineTo(mediaSize.width, y);
        context.stroke();
        context.setLineDash([]);
        context.fillStyle = this.#colors.panel;
        context.fillRect(handleX, y - HANDLE / 2, HANDLE, HANDLE);
        context.strokeRect(handleX, y - HANDLE / 2, HANDLE, HANDLE);
        this.#drawWords(context, line.label, { color, y: words[i] ?? y });
      }
    });
  }

  /** The lines of a trade that is over, within its time; target and stop are named where it ends. */
  #drawPast(target: DrawTarget): void {
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      const span = this.#span(mediaSize.width);
      if (span === null) return;
      context.font = FONT;
      context.lineWidth = 1.5;
      const found = (['target', 'stop', 'entry'] as const).flatMap((kind) => this.#line(kind) ?? []);
      const words = spreadLabels(
        found.map(({ y }) => y + 4),
        WORDS_GAP,
        { min: 12, max: mediaSize.height - 4 },
      );
      for (const [i, { line, y }] of found.entries()) {
        const color = colorOf(line.kind, this.#colors);
        context.strokeStyle = color;
        context.setLineDash([...DASHES[line.kind]]);
        context.beginPath();
        context.moveTo(span.left, y);
        context.lineTo(span.right, y);
        context.stroke();
        context.setLineDash([]);
        const text = `${line.label} ${line.axisText}`;
        const x = besideSpan(span, context.measureText(text).width, mediaSize.width);
        this.#drawWords(context, text, { color, y: words[i] ?? y, x });
      }
    });
  }

  #drawWords(
    context: CanvasRenderingContext2D,
    text: string,
    at: { readonly color: string; readonly y: number; readonly x?: number },
  ): void {
    const width = context.measureText(text).width;
    const { x = 10 } = at;
    context.fillStyle = this.#colors.panel;
    context.fillRect(x - 2, at.y - 10, width + 4, 13);
    context.fillStyle = at.color;
    context.textBaseline = 'alphabetic';
    context.textAlign = 'left';
    context.fillText(text, x, at.y);
  }

  #drawAxis(target: DrawTarget): void {
    if (this.#plan.zone !== undefined) return;
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      this.#height = mediaSize.height;
      context.font = FONT;
      for (const box of this.#boxes()) drawBox(context, { ...box, width: mediaSize.width, fill: this.#colors.panel });
    });
  }
}

type AxisBox = { readonly y: number; readonly text: string; readonly color: string };

type Box = AxisBox & {
  readonly width: number;
  readonly fill: string;
};

function drawBox(context: CanvasRenderingContext2D, { y, text, color, width, fill }: Box): void {
  const top = Math.round(y - LABEL_HEIGHT / 2) + 0.5;
  context.fillStyle = fill;

  context.strokeStyle = color;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(1.5, top, width - 4, LABEL_HEIGHT - 1, 3);
  context.fill();
  context.stroke();
  context.fillStyle = color;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.fillText(text, width - 8, top + LABEL_HEIGHT / 2);
}
