import type { PowerMonitor } from 'electron';
import type { Logger } from 'pino';

/**
 * After a sleep nothing known about the market or the orders is known any more: the desk compares itself with the
 * broker again before anything is entered.
 */
export function watchPower(monitor: PowerMonitor, log: Logger, onWake: () => Promise<unknown>): void {
  monitor.on('suspend', () => log.warn({ event: 'suspended' }));
  monitor.on('resume', () => {
    log.warn({ event: 'resumed' });
    onWake().catch((error: unknown) => log.error({ event: 'compare-after-sleep-failed', err: error }));
  });
}
