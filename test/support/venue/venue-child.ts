import { startTcpVenue, type VenueOrder, type VenueSetup } from './tcp-venue.ts';

/** A venue in a process of its own: it does what its parent asks, and answers each time with everything it has. */
const venue = await startTcpVenue(JSON.parse(process.argv[2] ?? '') as VenueSetup);
process.on('message', (order: VenueOrder) => void process.send?.(venue.tell(order)));
process.on('disconnect', () => process.exit(0));
process.send?.({ port: venue.port });
