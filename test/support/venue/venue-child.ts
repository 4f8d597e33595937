import { startTcpVenue, type VenueOrder, type VenueSetup } from './tcp-venue.ts';

/** Venues in a process of their own: each does what its parent asks, and answers each time with everything it has. */
const setups = JSON.parse(process.argv[2] ?? '') as readonly VenueSetup[];
const venues = await Promise.all(setups.map((setup) => startTcpVenue(setup)));
process.on('message', ({ id, to, order }: { id: number; to: number; order: VenueOrder }) => {
  const venue = venues[to];
  if (venue !== undefined) process.send?.({ id, report: venue.tell(order) });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ports: venues.map(({ port }) => port) });
