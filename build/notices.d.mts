/** Says whether a package under this SPDX expression may be shipped. */
export declare function isPermissive(name: string, expression: unknown): boolean;

/** Licence and text of every package that is installed in production; throws where one may not be shipped. */
export declare function collectNotices(root: string): readonly { readonly name: string; readonly text: string }[];
