/** Says whether `file` may import `specifier`: null when it may, else a sentence that names the rule. */
export declare function refusal(file: string, specifier: string): string | null;
