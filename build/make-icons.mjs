/**
 * Draws the committed icon files from build/icons/*.svg: PNGs for Linux, .ico for Windows, .icns for macOS.
 * Needs an installed Chromium, Chrome or Edge; run it only after changing an SVG: `npx node build/make-icons.mjs`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { browserPath } from '#test/support/browser.ts';

const FOLDER = path.join(import.meta.dirname, 'icons');
const LINUX_SIZES = [16, 24, 32, 48, 64, 128, 256, 512];
const WINDOWS_SIZES = [16, 24, 32, 48, 64, 128, 256];
/** Apple's type codes for PNG entries, by edge in pixels; @2x variants have codes of their own. */
const APPLE_TYPES = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];
/** Apple's grid: the shape fills 824 of 1024 pixels. */
const APPLE_SCALE = 824 / 1024;

/** Draws an SVG on a square of `size` pixels; `scale` leaves an even, clear margin. */
async function draw(page, svg, { size, scale }) {
  const { png, rgba } = await page.evaluate(
    async ([source, edge, share]) => {
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(source.replace('<svg ', `<svg width="${edge}" height="${edge}" `))}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = edge;
      const context = canvas.getContext('2d');
      const margin = (edge * (1 - share)) / 2;
      context.drawImage(image, margin, margin, edge * share, edge * share);
      const pixels = context.getImageData(0, 0, edge, edge).data;
      return { png: canvas.toDataURL('image/png').split(',')[1], rgba: Array.from(pixels) };
    },
    [svg, size, scale],
  );
  return { size, png: Buffer.from(png, 'base64'), rgba: Uint8Array.from(rgba) };
}

/** A Windows bitmap entry: header, BGRA rows from the bottom up, then an empty mask (the alpha channel decides). */
function bitmapEntry({ size, rgba }) {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(40, 0);
  header.writeInt32LE(size, 4);
  header.writeInt32LE(size * 2, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(32, 14);
  const pixels = Buffer.alloc(size * size * 4);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const from = ((size - 1 - y) * size + x) * 4;
      const to = (y * size + x) * 4;
      pixels.set([rgba[from + 2], rgba[from + 1], rgba[from], rgba[from + 3]], to);
    }
  }
  const mask = Buffer.alloc(Math.ceil(size / 32) * 4 * size);
  return Buffer.concat([header, pixels, mask]);
}

/** Small sizes as bitmaps (installers and old shells read only those), 256 as PNG. */
function ico(drawings) {
  const entries = drawings.map((drawing) => (drawing.size >= 256 ? drawing.png : bitmapEntry(drawing)));
  const directory = Buffer.alloc(6 + 16 * entries.length);
  directory.writeUInt16LE(1, 2);
  directory.writeUInt16LE(entries.length, 4);
  let offset = directory.length;
  for (const [index, entry] of entries.entries()) {
    const at = 6 + 16 * index;
    directory.writeUInt8(drawings[index].size % 256, at);
    directory.writeUInt8(drawings[index].size % 256, at + 1);
    directory.writeUInt16LE(1, at + 4);
    directory.writeUInt16LE(32, at + 6);
    directory.writeUInt32LE(entry.length, at + 8);
    directory.writeUInt32LE(offset, at + 12);
    offset += entry.length;
  }
  return Buffer.concat([directory, ...entries]);
}

function icns(entries) {
  const blocks = entries.map(({ type, png }) => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32BE(png.length + 8, 4);
    return Buffer.concat([head, png]);
  });
  const body = Buffer.concat(blocks);
  const head = Buffer.alloc(8);
  head.write('icns', 'latin1');
  head.writeUInt32BE(body.length + 8, 4);
  return Buffer.concat([head, body]);
}

const executablePath = browserPath();
if (executablePath === null) throw new Error('No Chromium, Chrome or Edge was found.');
const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
const page = await browser.newPage();
for (const [name, appleScale] of [
  ['icon', APPLE_SCALE],
  ['kellyjournal', 1],
]) {
  const svg = readFileSync(path.join(FOLDER, `${name}.svg`), 'utf8');
  const windows = [];
  for (const size of WINDOWS_SIZES) windows.push(await draw(page, svg, { size, scale: 1 }));
  writeFileSync(path.join(FOLDER, `${name}.ico`), ico(windows));
  const apple = [];
  for (const [type, size] of APPLE_TYPES)
    apple.push({ type, png: (await draw(page, svg, { size, scale: appleScale })).png });
  writeFileSync(path.join(FOLDER, `${name}.icns`), icns(apple));
  if (name !== 'icon') continue;
  for (const size of LINUX_SIZES) {
    writeFileSync(path.join(FOLDER, `${size}x${size}.png`), (await draw(page, svg, { size, scale: 1 })).png);
  }
}
await browser.close();
