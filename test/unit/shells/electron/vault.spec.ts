import { describe, expect, test } from 'vitest';
import { openVault } from '#shells/electron/vault.ts';

type Backend = 'basic_text' | 'gnome_libsecret' | 'kwallet' | 'kwallet5' | 'kwallet6' | 'unknown';
const mirror = (text: string): string => Array.from(text).reverse().join('');
const store = (backend: Backend, isAvailable = true) => ({
  getSelectedStorageBackend: () => backend,
  isAsyncEncryptionAvailable: () => Promise.resolve(isAvailable),
  encryptStringAsync: (text: string) => Promise.resolve(Buffer.from(mirror(text))),
  decryptStringAsync: (text: Buffer) => Promise.resolve({ result: mirror(text.toString()), shouldReEncrypt: false }),
});

describe('the key store of the system', () => {
  test.each(['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6'] as const)('%s keeps secrets', async (backend) => {
    const vault = await openVault(store(backend), 'linux');
    expect(vault?.backend).toBe(backend);
    const kept = (await vault?.encrypt('canary')) ?? '';
    expect(Buffer.from(kept, 'base64').toString()).not.toContain('canary');
    expect(await vault?.decrypt(kept)).toBe('canary');
  });

  test.each(['basic_text', 'unknown'] as const)('%s is refused: it hides nothing', async (backend) => {
    expect(await openVault(store(backend), 'linux')).toBeNull();
  });

  test('the key stores of macOS and Windows go by their names, and one that is not there is none', async () => {
    expect((await openVault(store('unknown'), 'darwin'))?.backend).toBe('keychain');
    expect((await openVault(store('unknown'), 'win32'))?.backend).toBe('dpapi');
    expect(await openVault(store('unknown', false), 'darwin')).toBeNull();
  });
});
