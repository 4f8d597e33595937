import type { SafeStorage } from 'electron';
import type { SecretVault } from '#desk/desk.ts';

type Store = Pick<
  SafeStorage,
  'decryptStringAsync' | 'encryptStringAsync' | 'getSelectedStorageBackend' | 'isAsyncEncryptionAvailable'
>;

/** With these the text is encrypted with a password that everybody knows, or nobody can say with what. */
const REFUSED: ReadonlySet<string> = new Set(['basic_text', 'unknown']);

const backendOf = (store: Store, platform: NodeJS.Platform): string => {
  if (platform === 'darwin') return 'keychain';
  return platform === 'win32' ? 'dpapi' : store.getSelectedStorageBackend();
};

/** The system's key store; null where there is none that keeps a secret. Nothing is ever written with a weak one. */
export async function openVault(store: Store, platform: NodeJS.Platform): Promise<SecretVault | null> {
  const backend = backendOf(store, platform);
  if (REFUSED.has(backend) || !(await store.isAsyncEncryptionAvailable())) return null;
  return {
    backend,
    encrypt: async (secret) => (await store.encryptStringAsync(secret)).toString('base64'),
    decrypt: async (text) => (await store.decryptStringAsync(Buffer.from(text, 'base64'))).result,
  };
}
