/** Says whether a package under this SPDX expression may be shipped. */
export declare function isPermissive(name: string, expression: unknown): boolean;
