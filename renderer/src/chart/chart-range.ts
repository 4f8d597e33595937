/** A stretch of time a chart can show: its short name, and the same in words. */
export type ChartRange<N extends string> = { readonly name: N; readonly text: string; readonly spoken: string };
