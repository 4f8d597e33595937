import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secretScreenOf } from '#desk/adapters/secret-screen.ts';

async function knowing(...secrets: readonly string[]) {
  const screen = secretScreenOf({ get: (name) => Promise.resolve(secrets[Number(name)] ?? null) });
  for (const [index, secret] of secrets.entries()) expect(await screen.secrets.get(String(index))).toBe(secret);
  return screen;
}
const TOKEN = 'sk-Zm9v"YmFy/42+ä';

describe('a screen of secrets', () => {
  it('knows nothing before a secret was handed out, and asks its source for each', async () => {
    const screen = secretScreenOf({ get: () => Promise.resolve(null) });
    expect(await screen.secrets.get('other')).toBeNull();
    const value = { text: TOKEN };
    expect(screen.hideIn(value)).toBe(value);
    expect(screen.hide(TOKEN)).toBe(TOKEN);
  });

  it.each([
    ['as it is', TOKEN],
    ['in JSON', JSON.stringify({ authorization: `Bearer ${TOKEN}` })],
    ['in an address', `https://host/x?token=${encodeURIComponent(TOKEN)}&y=1`],
    ['in base64', Buffer.from(TOKEN).toString('base64')],
    ['in base64 of addresses', Buffer.from(TOKEN).toString('base64url')],
    ['twice', `${TOKEN} and ${TOKEN}`],
    ['cut off', `the header was ${TOKEN.slice(0, 10)}…`],
  ])('hides a secret that comes back %s', async (_, text) => {
    const hidden = (await knowing(TOKEN)).hide(text);
    expect(hidden).toContain('[secret]');
    expect(hidden).not.toContain(TOKEN.slice(0, 8));
    expect(hidden).not.toContain(Buffer.from(TOKEN).toString('base64').slice(0, 8));
  });

  it('hides the password of a pair, and the pair as a header has it', async () => {
    const screen = await knowing('desk:open-sesame');
    expect(screen.hide(`Basic ${btoa('desk:open-sesame')}`)).toBe('Basic [secret]==');
    expect(screen.hide('wrong password "open-sesame" of desk')).toBe('wrong password "[secret]" of desk');
  });

  it('hides a very short secret only where it is a word of its own', async () => {
    const screen = await knowing('abc');
    expect(screen.hide('abc, "abc" and alphabcde')).toBe('[secret], "[secret]" and alphabcde');
  });

  it('leaves a message that has no secret in it as it is, though it has the digits of one', async () => {
    const screen = await knowing('1234', 'no-such-token-0815');
    expect(screen.hideInMessage('{"p":[0.1234]}')).toBe('{"p":[0.1234]}');
    expect(screen.hideInMessage('{"v":"no-such-token-0815"}')).toBe('{"v":"[secret]"}');
  });

  it('looks through plain data, and leaves what things are known by', async () => {
    const screen = await knowing('77123456');
    const order = { venueOrderId: '77123456', reason: 'logon 77123456 has no margin', legs: [{ note: '77123456' }] };
    expect(screen.hideIn(order)).toEqual({
      ...{ venueOrderId: '77123456', reason: 'logon [secret] has no margin', legs: [{ note: '[secret]' }] },
    });
    const clean = { reason: null, price: 1, list: ['a', 2] };
    expect(screen.hideIn(clean)).toBe(clean);
  });

  it('takes an error that tells a secret, with its causes, for one that does not', async () => {
    const screen = await knowing('open-sesame');
    const plain = new Error('it hung up');
    expect(screen.hideInError(plain)).toBe(plain);
    const cause = new AggregateError([new Error('sent open-sesame')], 'all failed');
    const hidden = screen.hideInError(new Error('it failed', { cause })) as Error;
    expect(hidden.message).toBe('it failed');
    expect(hidden.cause).toBeUndefined();
    expect((screen.hideInError(new Error('no open-sesame')) as Error).message).toBe('no [secret]');
  });

  it('lets no secret of four characters or more through, whatever stands around it', async () => {
    const secrets = fc.string({ minLength: 4, maxLength: 40 }).filter((text) => text.trim().length >= 4);
    await fc.assert(
      fc.asyncProperty(secrets, fc.string(), fc.string(), async (secret, before, after) => {
        const screen = await knowing(secret);
        fc.pre(!`${before}[secret]${after}[secret]`.includes(secret));
        const hidden = screen.hide(`${before}${secret}${after}`);
        expect(hidden.includes(secret)).toBe(false);
      }),
    );
  });
});

it('is shared by all who have the same secrets', async () => {
  const source = { get: () => Promise.resolve('open-sesame') };
  const [first, second] = [secretScreenOf(source), secretScreenOf(source)];
  await secretScreenOf(first.secrets).secrets.get('a');
  expect(second.hide('open-sesame')).toBe('[secret]');
});

it('learns secrets before they are asked for, and goes without one that cannot be had', async () => {
  const get = (name: string) => (name === 'a' ? Promise.resolve('open-sesame') : Promise.reject(new Error('locked')));
  const screen = secretScreenOf({ get });
  await screen.learn(['a', 'b']);
  expect(screen.hide('open-sesame')).toBe('[secret]');
});
