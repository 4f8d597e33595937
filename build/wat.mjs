import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import wabt from 'wabt';

/** Pieces of WebAssembly text: instructions over local variables, and a generator of random numbers. */
export const get = (name) => `(local.get $${name})`;
export const set = (name, value) => `(local.set $${name} ${value})`;
const tee = (name, value) => `(local.tee $${name} ${value})`;
export const op = (name, ...operands) => `(${name} ${operands.join(' ')})`;
export const i32 = (value) => `(i32.const ${value})`;
export const ints = (value) => `(v128.const i32x4 ${value} ${value} ${value} ${value})`;
export const floats = (value) => `(v128.const f64x2 ${value} ${value})`;

/** Moves a place on by so many bytes. */
export const forward = (name, bytes) => set(name, op('i32.add', get(name), i32(bytes)));

export const add = (a, b) => op('f64x2.add', a, b);
export const subtract = (a, b) => op('f64x2.sub', a, b);

/** Adds a value to the sums of a pair of lanes, and what that rounds away to their compensation. */
export const addToSums = (pair, value) => {
  const [sum, lost] = [`sum_${pair}`, `lost_${pair}`];
  return [
    set('value', value),
    set('next', add(get(sum), get('value'))),
    set('added', subtract(get('next'), get(sum))),
    set(
      lost,
      add(
        get(lost),
        add(subtract(get(sum), subtract(get('next'), get('added'))), subtract(get('value'), get('added'))),
      ),
    ),
    set(sum, get('next')),
  ];
};

const rotated = (value, bits) =>
  op('v128.or', op('i32x4.shl', tee('t', value), i32(bits)), op('i32x4.shr_u', get('t'), i32(32 - bits)));

/** One step of xoshiro128** in each lane; its output goes to `into`. */
export const draw = (into) =>
  [
    // Times 5 and times 9: a shift and an addition are done sooner than a product of lanes.
    set(into, rotated(op('i32x4.add', get('s1'), op('i32x4.shl', get('s1'), i32(2))), 7)),
    set(into, op('i32x4.add', get(into), op('i32x4.shl', get(into), i32(3)))),
    set('shifted', op('i32x4.shl', get('s1'), i32(9))),
    set('s2', op('v128.xor', get('s2'), get('s0'))),
    set('s3', op('v128.xor', get('s3'), get('s1'))),
    set('s1', op('v128.xor', get('s1'), get('s2'))),
    set('s0', op('v128.xor', get('s0'), get('s3'))),
    set('s2', op('v128.xor', get('s2'), get('shifted'))),
    set('s3', rotated(get('s3'), 11)),
  ].join('\n');

/** A memory that threads share, as kernel-code.ts makes it. */
export const sharedMemory = '(import "desk" "memory" (memory 1 16384 shared))';

/** The TypeScript of a kernel's code, as it stands in the engine: a constant in base64, and which script makes it. */
export async function kernelFile(name, source) {
  const { parseWat } = await wabt();
  const module = parseWat('kernel.wat', source, { simd: true, threads: true });
  module.validate({ simd: true, threads: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  const lines = Buffer.from(buffer)
    .toString('base64')
    .match(/.{1,114}/g);
  return [
    `// Made by build/make-${name}-kernel.mjs. Do not edit.`,
    '',
    `/** The WebAssembly of the ${name} kernel, in base64. */`,
    `export const ${name.toUpperCase()}_KERNEL_CODE = [`,
    `${lines.map((line) => `  '${line}'`).join(',\n')},`,
    "].join('');",
    '',
  ].join('\n');
}

/** Writes the file of a kernel where its script, of this address, is what was run. */
export async function writeWhenRun(url, name, make) {
  if (process.argv[1] === undefined || url !== pathToFileURL(process.argv[1]).href) return;
  writeFileSync(path.resolve(import.meta.dirname, `../electron/desk/engine/${name}-kernel-code.ts`), await make());
}
