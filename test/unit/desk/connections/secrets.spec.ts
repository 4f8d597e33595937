import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DeskError } from '#shared/contract/errors.ts';
import { createSecretStore, environmentName, type SecretVault } from '#desk/connections/secrets.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

const CANARY = 'canary-4711-secret';
const mirror = (text: string): string => Array.from(text).reverse().join('');
const vault: SecretVault = {
  backend: 'test-keyring',
  encrypt: (secret) => Promise.resolve(mirror(secret)),
  decrypt: (text) => Promise.resolve(mirror(text)),
};
const errorOf = async (work: () => unknown): Promise<DeskError['data']> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof DeskError) return error.data;
    throw error;
  }
  throw new Error('it was not refused');
};

describe('secrets of a profile', () => {
  test('without a key store they live in this session only, and nothing is written', async () => {
    const folder = temporaryFolder();
    const store = createSecretStore({ folder, environment: {} });
    expect(await store.set('dtc-password', CANARY)).toEqual({ name: 'dtc-password', isSet: true, source: 'session' });
    expect(await store.get('dtc-password')).toBe(CANARY);
    expect(JSON.stringify(store.list(['other']))).not.toContain(CANARY);
    expect(await createSecretStore({ folder, environment: {} }).get('dtc-password')).toBeNull();
    expect(await errorOf(() => store.set('dtc-password', CANARY, 'file'))).toMatchObject({ field: 'place' });
    expect(await errorOf(() => store.set('dtc-password', CANARY, 'keychain'))).toMatchObject({ field: 'place' });
  });

  test('the environment is read, shown as such, and not forgotten', async () => {
    const environment = { [environmentName('alpaca.key-1')]: CANARY };
    const store = createSecretStore({ folder: temporaryFolder(), environment });
    expect(Object.keys(environment)).toEqual(['KELLY_DESK_SECRET_ALPACA_KEY_1']);
    expect(await store.get('alpaca.key-1')).toBe(CANARY);
    expect(store.list(['alpaca.key-1'])).toEqual([{ name: 'alpaca.key-1', isSet: true, source: 'environment' }]);
    expect((await errorOf(() => store.forget('alpaca.key-1'))).remedy).toContain('unset');
  });

  test('a key store keeps them encrypted, and another one leaves what it cannot read as it is', async () => {
    const folder = temporaryFolder();
    const store = createSecretStore({ folder, vault, environment: {} });
    expect((await store.set('token', CANARY)).source).toBe('keychain');
    const path = join(folder, 'secrets.vault.json');
    const text = readFileSync(path, 'utf8');
    expect(text).not.toContain(CANARY);
    expect(text).toContain('test-keyring');
    expect(await store.get('token')).toBe(CANARY);
    const other = createSecretStore({ folder, vault: { ...vault, backend: 'other' }, environment: {} });
    expect((await errorOf(() => other.get('token'))).code).toBe('refused');
    expect((await errorOf(() => other.set('token', 'x'))).message).toContain('test-keyring');
    expect(readFileSync(path, 'utf8')).toBe(text);
    store.forget('token');
    expect(await store.get('token')).toBeNull();
  });

  test('a file is for its owner alone, and one that others can read is refused with what to do', async () => {
    const folder = temporaryFolder();
    const store = createSecretStore({ folder, environment: {}, mayWriteFile: true });
    await store.set('token', CANARY, 'file');
    const path = join(folder, 'secrets.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await store.get('token')).toBe(CANARY);
    for (const mode of [0o640, 0o604, 0o644]) {
      chmodSync(path, mode);
      const error = await errorOf(() => store.get('token'));
      expect(error.remedy).toContain(`chmod 600 ${path}`);
      expect(JSON.stringify(error)).not.toContain(CANARY);
    }
  });

  test.each(['', 'with space', '../up', '1digit', 'x'.repeat(81)])('%j is no name of a secret', async (name) => {
    const store = createSecretStore({ folder: temporaryFolder(), environment: {} });
    const error = await errorOf(() => store.set(name, CANARY));
    expect(error).toMatchObject({ code: 'invalid-input', field: 'name' });
    expect(JSON.stringify(error)).not.toContain(CANARY);
  });
});
