import os from 'node:os';

/**
 * The addresses this machine has on its networks, as one text: another one means that it was plugged elsewhere, lost its
 * network or got one, and that connections made before may be dead without knowing.
 */
export function networkAddresses(): string {
  return Object.entries(os.networkInterfaces())
    .flatMap(([name, addresses]) => (addresses ?? []).map(({ address, internal }) => ({ name, address, internal })))
    .filter(({ internal }) => !internal)
    .map(({ name, address }) => `${name} ${address}`)
    .sort()
    .join('\n');
}
