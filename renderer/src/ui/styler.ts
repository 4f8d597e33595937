type Name = string | false | null | undefined;

/**
 * Binds a CSS module: the result joins class names and drops falsy ones.
 * A name the module lacks is a bug and shows in development as the bare name.
 */
export const styler =
  (module: Readonly<Record<string, string>>) =>
  (...names: readonly Name[]): string =>
    names
      .filter((name): name is string => typeof name === 'string' && name !== '')
      .map((name) => module[name] ?? name)
      .join(' ');
