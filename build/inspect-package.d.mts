type Sizes = {
  readonly archive: number;
  readonly page: number;
  readonly mainScript: number;
  readonly unpacked: number;
};

/** Looks a packed folder through and says what must not be shipped; sizes in bytes. */
export declare function inspectPackage(what: {
  readonly folder: string;
  readonly platform: string;
  readonly arch: string;
  readonly packages: ReadonlySet<string>;
  readonly paths?: readonly string[];
}): Promise<{ readonly problems: readonly string[]; readonly sizes: Sizes }>;
