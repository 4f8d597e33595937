import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { checkWholeJournal } from '#desk/journal/full-check.ts';

parentPort?.postMessage(checkWholeJournal(z.string().parse(workerData)));
