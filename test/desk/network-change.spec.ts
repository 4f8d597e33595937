import os from 'node:os';
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { openDesk } from '#desk/desk.ts';
import { networkAddresses } from '#desk/connections/network.ts';
import { connectedFiles } from '#test/support/connected-desk.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

const address = (ip: string, internal = false): os.NetworkInterfaceInfo => ({
  ...{ address: ip, netmask: '255.255.255.0', family: 'IPv4', mac: '00:00:00:00:00:00', internal, cidr: null },
});
const plug = (interfaces: NodeJS.Dict<os.NetworkInterfaceInfo[]>): void =>
  void vi.spyOn(os, 'networkInterfaces').mockReturnValue(interfaces);

afterEach(() => vi.restoreAllMocks());

it('the networks of a machine are a text that changes with them and not with their order', () => {
  plug({ lo: [address('127.0.0.1', true)], eth0: [address('10.0.0.2')], wlan0: [address('192.168.1.5')] });
  const both = networkAddresses();
  plug({ wlan0: [address('192.168.1.5')], eth0: [address('10.0.0.2')], lo: [address('127.0.0.1', true)] });
  expect(networkAddresses()).toBe(both);
  plug({ lo: [address('127.0.0.1', true)] });
  expect(networkAddresses()).toBe('');
  plug({ wlan0: [address('192.168.1.6')] });
  expect(networkAddresses()).not.toBe(both);
});

it('another network has broker and journal compared at once, once for each change', async () => {
  plug({ eth0: [address('10.0.0.2')] });
  const files = await connectedFiles(temporaryFolder());
  const events: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void events.push(line) });
  const desk = await openDesk({ dataFolder: files.dataFolder, profile: 'paper', logger });
  await desk.ready();
  const compared = async () => (await desk.handlers['desk.snapshot']({})).execution.reconciliation.at;
  const changes = () => events.filter((line) => line.includes('"network-changed"')).length;
  const before = await compared();
  expect(before).not.toBeNull();
  plug({ eth0: [address('10.0.0.2')], wlan0: [address('192.168.1.5')] });
  await expect.poll(changes, { timeout: 20_000 }).toBe(1);
  await expect.poll(compared, { timeout: 20_000 }).not.toBe(before);
  plug({});
  await expect.poll(changes, { timeout: 20_000 }).toBe(2);
  await desk.close();
  await files.close();
});
