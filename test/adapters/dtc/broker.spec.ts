import { brokerContract } from '#test/support/broker-contract.ts';
import { CONTRACT, contractRig } from '#test/support/dtc-server/rig.ts';
import { rounds } from '#test/support/scale.ts';

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

for (let seed = 1; seed <= rounds(2); seed += 1)
  brokerContract(`DTC as other servers write it, seed ${seed}`, () =>
    contractRig({
      server: { dialect: seed, faults: { chunk: 17 }, encodingAnswer: seed % 2 === 0 ? 'json' : 'binary' },
      config: { encoding: seed % 2 === 0 ? 'json-compact' : 'json' },
    }),
  );
