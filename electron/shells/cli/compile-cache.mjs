// Keeps what Node makes of the desk's sources: a third of a start is stripping types and compiling. It lies among the
// packages, and is trusted like them; where nothing can be written there, every start compiles anew.
import module from 'node:module';
import path from 'node:path';

module.enableCompileCache(path.resolve(import.meta.dirname, '../../../node_modules/.cache/kelly-desk'));
