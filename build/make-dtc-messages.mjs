/**
 * Writes electron/desk/adapters/dtc/messages/ from build/dtc-schema.json: every message of the DTC protocol with its
 * fields in struct order, and the enums. Run `node build/make-dtc-messages.mjs` after a change of the schema.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as prettier from 'prettier';

const ROOT = path.resolve(import.meta.dirname, '..');
const FOLDER = 'electron/desk/adapters/dtc/messages';
const NOTE = '// Made by build/make-dtc-messages.mjs from build/dtc-schema.json. Do not edit.\n';

/** Which file a message stands in, by its number. */
const FILES = [
  { name: 'session', has: (type) => type < 100 },
  { name: 'market-data', has: (type) => type >= 100 && type < 150 && !DEPTH.has(type) },
  { name: 'market-depth', has: (type) => DEPTH.has(type) || (type >= 150 && type < 200) },
  { name: 'orders', has: (type) => type >= 200 && type < 400 },
  { name: 'accounts', has: (type) => (type >= 400 && type < 500) || (type >= 600 && type < 800) },
  { name: 'symbols', has: (type) => type >= 500 && type < 600 },
  { name: 'history', has: (type) => type >= 800 },
];
const DEPTH = new Set([102, 106, 121, 122, 140, 141, 145]);

const readSchema = () => JSON.parse(readFileSync(path.join(ROOT, 'build/dtc-schema.json'), 'utf8'));

/** `OrderStatusEnum` as ORDER_STATUS, the names of its values without what they all begin with. */
const constantName = (name) =>
  name
    .replace(/Enum(8?)$/, '$1')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase();

const enumSource = ([name, { values }]) => {
  const lines = Object.entries(values).map(([key, value]) => `${key}: ${value},`);
  return `export const ${constantName(name)} = {${lines.join('\n')}} as const;\n`;
};

const NUMBERS = { CURRENT_VERSION: 8, BINARY_ENCODING: 0, SUBSCRIBE: 1 };

/** How a field is read: what the header leaves at zero is absent here, what it sets otherwise has that value. */
function fieldSource({ type, default: given }) {
  const [, bytes] = /^char\[(\d+)\]$/.exec(type) ?? [];
  if (bytes !== undefined) return `text(${bytes})`;
  if (given === 'UINT_MAX') return 'count';
  const value = NUMBERS[given] ?? Number(given);
  return given === null || Number.isNaN(value) || value === 0 ? 'number' : `numberOr(${value})`;
}

function messageSource(message, compact) {
  const fields = message.fields.map((field) => `${field.name}: ${fieldSource(field)},`);
  const form = compact.has(message.const) ? ", 'compact'" : '';
  const body = fields.length === 0 ? '{}' : `{\n${fields.join('\n')}\n}`;
  return `export const ${message.const} = define(${message.type}, '${message.const}', ${body}${form});\n`;
}

function messageFile(messages, compact) {
  const source = messages.map((message) => messageSource(message, compact)).join('\n');
  const used = ['count', 'define', 'number', 'numberOr', 'text'].filter((name) =>
    new RegExp(`\\b${name}\\b`).test(source.replace(/\n\w+:/g, '\n:').replaceAll(': ', ':')),
  );
  return `${NOTE}import { ${used.join(', ')} } from '#desk/adapters/dtc/fields.ts';\n\n${source}`;
}

/** Returns the generated files: path from the root, and text as it must stand there. */
export async function dtcMessageFiles() {
  const schema = readSchema();
  const compact = new Set(schema.jsonCompactMessages);
  const files = FILES.map(({ name, has }) => ({
    name,
    source: messageFile(
      schema.messages.filter(({ type }) => has(type)),
      compact,
    ),
  }));
  const enums = Object.entries(schema.enums).map(enumSource).join('\n');
  const all = [...files, { name: 'enums', source: `${NOTE}\n${enums}` }];
  const config = await prettier.resolveConfig(path.join(ROOT, FOLDER, 'enums.ts'));
  return Promise.all(
    all.map(async ({ name, source }) => ({
      file: `${FOLDER}/${name}.ts`,
      text: await prettier.format(source, { ...config, parser: 'typescript' }),
    })),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { file, text } of await dtcMessageFiles()) writeFileSync(path.join(ROOT, file), text);
}
