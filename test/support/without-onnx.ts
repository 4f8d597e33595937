import { registerHooks } from 'node:module';

/** Loaded before a program, in each of its threads: the optional package is not installed. */
registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier !== 'onnxruntime-node') return next(specifier, context);
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: 'ERR_MODULE_NOT_FOUND' });
  },
});
