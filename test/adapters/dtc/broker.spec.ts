import { brokerContract } from '#test/support/broker-contract.ts';
import { CONTRACT, contractRig } from '#test/support/dtc-server/rig.ts';

brokerContract('DTC in JSON', () => contractRig());
brokerContract('DTC in JSON Compact', () => contractRig({ config: { encoding: 'json-compact' } }));
brokerContract('DTC, every byte in a packet of its own, no totals', () =>
  contractRig({ server: { faults: { chunk: 1 } } }),
);
brokerContract('DTC, executions listed under other ids', () =>
  contractRig({ server: { faults: { otherListIds: true } } }),
);
brokerContract('DTC, executions without ids', () => contractRig({ server: { execPrefix: null } }));
brokerContract('DTC, every fill told twice', () => contractRig({ server: { faults: { duplicateFills: true } } }));
brokerContract('DTC, prices a hundredth on the wire', () =>
  contractRig({ server: { contracts: [{ ...CONTRACT, multiplier: 100 }] } }),
);
