type Target = string | { readonly target: string; readonly arch: readonly string[] };
type System = { readonly target: readonly Target[] } & Readonly<Record<string, unknown>>;

/** The configuration of electron-builder, as far as it is looked at from outside. */
export type BuilderConfig = {
  readonly directories: { readonly output: string; readonly buildResources: string };
  readonly fileAssociations: readonly { readonly ext: string; readonly icon: string }[];
  readonly publish: unknown;
  readonly linux: System;
  readonly win: System;
  readonly mac: System;
  readonly nsis: Readonly<Record<string, unknown>>;
};

export declare function builderConfig(parts: {
  readonly stage: string;
  readonly out: string;
  readonly unneeded: readonly string[];
  readonly electronDist: string | null;
  readonly afterPack: unknown;
}): BuilderConfig;
