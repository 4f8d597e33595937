import { registerHooks } from 'node:module';
import { LEARNING_PACKAGES } from '#desk/learning/libraries.ts';

/** Loaded before a program, in each of its threads: the learning libraries are not installed. */
registerHooks({
  resolve: (specifier, context, next) => {
    const isHidden = LEARNING_PACKAGES.some((name) => specifier === name || specifier.startsWith(`${name}/`));
    if (!isHidden) return next(specifier, context);
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: 'ERR_MODULE_NOT_FOUND' });
  },
});
