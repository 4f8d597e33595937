declare module 'pino-roll' {
  import type { SonicBoom, SonicBoomOpts } from 'sonic-boom';

  type RollOptions = SonicBoomOpts & {
    readonly file: string;
    /** Megabytes as a number, or with a unit: `10m`. */
    readonly size?: string | number;
    readonly extension?: string;
    readonly limit?: { readonly count?: number; readonly removeOtherLogFiles?: boolean };
  };
  const roll: (options: RollOptions) => Promise<SonicBoom>;
  export { roll as default };
}
