import { expect, test } from 'vitest';
import { err, ok } from '#shared/result.ts';
import { testHoldings } from '#desk/connections/test-steps.ts';
import { ACCOUNT, deskSide } from '#test/support/ib/desk-side.ts';
import { type ConnectionStep, createSteps } from '#desk/adapters/connection-test.ts';

test('steps are reported in order, with what they found, their time and the way out of a failure', async () => {
  const told: ConnectionStep[] = [];
  const steps = createSteps((step) => told.push(step));

  const port = await steps.run('connect', 'start the server', () =>
    Promise.resolve(ok({ detail: 'connected to port 7', value: 7 })),
  );
  expect(port).toBe(7);
  expect(steps.isOk()).toBe(true);

  const refused = await steps.run('logon', 'check the password', () =>
    Promise.resolve(err({ detail: 'the server refused', remedy: 'set the secret' })),
  );
  const thrown = await steps.run('quote', 'open the market', () => Promise.reject(new Error('no quote came')));

  expect([refused, thrown, steps.isOk()]).toEqual([null, null, false]);
  expect(told.map(({ name, ok: isOk, detail, remedy }) => ({ name, isOk, detail, remedy }))).toEqual([
    { name: 'connect', isOk: true, detail: 'connected to port 7', remedy: null },
    { name: 'logon', isOk: false, detail: 'the server refused', remedy: 'set the secret' },
    { name: 'quote', isOk: false, detail: 'no quote came', remedy: 'open the market' },
  ]);
  expect(told.every(({ ms }) => ms >= 0)).toBe(true);
});

test('an account is told with its worth, though the broker tells that beside what it holds', async () => {
  const { broker, clock, connect } = await deskSide();
  await connect();
  const told: ConnectionStep[] = [];
  await testHoldings(
    broker,
    createSteps((step) => told.push(step)),
    { clock, signal: new AbortController().signal },
  );
  expect(told.map(({ name, detail }) => [name, detail])).toEqual([
    ['accounts', `${ACCOUNT}: worth $100,000.50`],
    ['positions', 'no open position'],
    ['open orders', '0 open (0 of this desk), 0 executions in a day'],
  ]);
});
