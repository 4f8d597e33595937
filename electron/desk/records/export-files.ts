import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import type { ExportFormat, ExportKind, TradeQuery } from '#shared/contract/journal-views.ts';
import { writeArchive } from '#desk/journal/archive.ts';
import type { EpochMs } from '#shared/units.ts';
import type { Journal } from '#desk/ports/journal.ts';
import { exportTable } from './export-tables.ts';
import type { DownloadSource } from './transfers.ts';

export type ExportRequest = {
  readonly what: ExportKind;
  readonly format: ExportFormat;
  readonly filter?: TradeQuery | undefined;
};

/** Gives the event loop a turn after every page. */
async function* yielding(pages: Iterable<string>): AsyncGenerator<string> {
  for (const page of pages) {
    yield page;
    await turn();
  }
}

export type WrittenExport = { readonly size: number; readonly missingPictures: readonly string[] };

/** Writes an export to a file (0600), page by page. Rejects with what the file system or the filter says. */
export async function writeExport(
  journal: Journal,
  request: ExportRequest,
  path: string,
  flags: 'w' | 'wx' = 'wx',
): Promise<WrittenExport> {
  const { what, format, filter } = request;
  const file = createWriteStream(path, { mode: 0o600, flags, flush: true });
  // A name that is taken is told before anything is read, and whatever is there is left alone.
  await once(file, 'open');
  try {
    let missingPictures: readonly string[] = [];
    if (what === 'archive') {
      ({ missing: missingPictures } = await writeArchive(journal, dirname(journal.path), file));
    } else {
      await pipeline(Readable.from(yielding(exportTable(journal, { what, format, filter }))), file);
    }
    return { size: statSync(path).size, missingPictures };
  } catch (error) {
    file.destroy();
    rmSync(path, { force: true });
    throw error;
  }
}

const MEDIA = { csv: 'text/csv; charset=utf-8', json: 'application/json' } as const;

/** The name an export is saved under: what it is, of which profile, and the day. */
export function exportFileName({ what, format }: ExportRequest, profile: string, now: EpochMs): string {
  const ending = what === 'archive' ? 'kellyjournal' : format;
  return `kelly-desk-${profile}-${what}-${new Date(now).toISOString().slice(0, 10)}.${ending}`;
}

/** Makes exports for downloading, in a temporary folder of their own that only this user can read. */
export interface ExportFiles {
  make(journal: Journal, request: ExportRequest, named: { profile: string; now: EpochMs }): Promise<DownloadSource>;
  close(): void;
}

/** Returns a maker of exports; its folder is made with the first. */
export function createExportFiles(): ExportFiles {
  let folder: string | null = null;
  let count = 0;
  return {
    make: async (journal, request, { profile, now }) => {
      folder ??= mkdtempSync(join(tmpdir(), 'kelly-desk-export-'));
      count += 1;
      const path = join(folder, String(count));
      const { size } = await writeExport(journal, request, path);
      const mediaType = request.what === 'archive' ? 'application/gzip' : MEDIA[request.format];
      return { fileName: exportFileName(request, profile, now), mediaType, size, content: { path } };
    },
    close: () => {
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
      folder = null;
    },
  };
}
