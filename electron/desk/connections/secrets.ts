import { join } from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import type { SecretPlace, SecretView } from '#shared/contract/connections-operations.ts';
import { secretNameSchema } from '#desk/adapters/connection-parts.ts';
import type { SecretSource } from '#desk/ports/secrets.ts';
import { readSecretFile, writeSecretFile, type SecretFile } from './secret-file.ts';

/** The operating system's key store, behind the shell that has one. Texts are base64. */
export type SecretVault = {
  /** As the system names it; kept beside what it encrypted. */
  readonly backend: string;
  encrypt(secret: string): Promise<string>;
  decrypt(text: string): Promise<string>;
};

/** The secrets of one profile, by name. What they are never leaves but through `get`, to an adapter. */
export interface SecretStore extends SecretSource {
  /** The names given and all that are kept, each with where it is from. */
  list(names: readonly string[]): readonly SecretView[];
  /** Where a new secret can be kept, the best place first. */
  places(): readonly SecretPlace[];
  /** Keeps a secret. Throws DeskError 'refused' where the place is not to be had, 'invalid-input' for a bad name. */
  set(name: string, secret: string, place?: SecretPlace): Promise<SecretView>;
  /** Forgets it in every place but the environment. Throws DeskError 'not-found'. */
  forget(name: string): SecretView;
}

export type SecretStoreOptions = {
  /** Folder of the profile. */
  readonly folder: string;
  readonly vault?: SecretVault | null;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Whether a file for the owner alone may be written; true on the command line, where the trader asks for it. */
  readonly mayWriteFile?: boolean;
};

const MAX_LENGTH = 4_096;

/** Name of the environment variable of a secret: `dtc-password` is KELLY_DESK_SECRET_DTC_PASSWORD. */
export const environmentName = (name: string): string =>
  `KELLY_DESK_SECRET_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;

/** Returns the secrets of each profile of a data folder, made when they are first asked for. */
export function createSecretStores(
  dataFolder: string,
  vault: SecretVault | null,
  mayWriteFile = false,
): (profile: string) => SecretStore {
  const stores = new Map<string, SecretStore>();
  return (profile) => {
    const known = stores.get(profile);
    if (known !== undefined) return known;
    const store = createSecretStore({ folder: join(dataFolder, 'profiles', profile), vault, mayWriteFile });
    stores.set(profile, store);
    return store;
  };
}

const empty = (backend: string | null): SecretFile => ({ schema: 1, backend, secrets: {} });

/**
 * Returns the secrets of a profile. Looked for in this order: this session, the environment, the key store of the
 * system, a file for its owner alone. Without a key store nothing is written to disk unless it is asked for by name.
 */
export function createSecretStore(options: SecretStoreOptions): SecretStore {
  const { folder, vault = null } = options;
  const environment = options.environment ?? process.env;
  const paths = { keychain: join(folder, 'secrets.vault.json'), file: join(folder, 'secrets.json') } as const;
  const session = new Map<string, string>();

  const checked = (name: string): string => {
    if (secretNameSchema.safeParse(name).success) return name;
    const remedy = 'use letters, digits and . _ - only';
    throw new DeskError({ code: 'invalid-input', message: 'this is not a name of a secret', field: 'name', remedy });
  };
  const fromEnvironment = (name: string): string | null => {
    const found = environment[environmentName(name)];
    return found === undefined || found === '' ? null : found;
  };
  const kept = (place: 'keychain' | 'file', name: string): string | null =>
    readSecretFile(paths[place])?.secrets[name] ?? null;
  const placeOf = (name: string): SecretPlace | null => {
    if (session.has(name)) return 'session';
    if (fromEnvironment(name) !== null) return 'environment';
    if (kept('keychain', name) !== null) return 'keychain';
    return kept('file', name) === null ? null : 'file';
  };
  const view = (name: string): SecretView => {
    const source = placeOf(name);
    return { name, isSet: source !== null, source };
  };
  const unlock = async (name: string, text: string): Promise<string> => {
    const backend = readSecretFile(paths.keychain)?.backend ?? null;
    // Another key store cannot read it; what it wrote is left as it is, for the day the old one is back.
    if (vault === null || backend !== vault.backend)
      throw new DeskError({
        code: 'refused',
        message: `the secret ${name} is kept by ${backend ?? 'a key store'}, which this desk cannot reach now`,
        remedy: 'set it again for this session, or open the desk where the key store is',
      });
    return vault.decrypt(text);
  };
  const write = (
    place: 'keychain' | 'file',
    backend: string | null,
    change: (file: SecretFile) => SecretFile,
  ): void => {
    const before = readSecretFile(paths[place]);
    if (before !== null && before.backend !== backend)
      throw new DeskError({
        code: 'refused',
        message: `${paths[place]} was written by ${before.backend ?? 'no key store'}`,
        remedy: 'move it away, then set the secrets again',
      });
    writeSecretFile(paths[place], change(before ?? empty(backend)));
  };
  const places = (): readonly SecretPlace[] => [
    ...(vault === null ? [] : (['keychain'] as const)),
    'session',
    ...(options.mayWriteFile === true ? (['file'] as const) : []),
  ];
  const drop = (place: 'keychain' | 'file', name: string): boolean => {
    const before = readSecretFile(paths[place]);
    if (before?.secrets[name] === undefined) return false;
    const secrets = Object.fromEntries(Object.entries(before.secrets).filter(([key]) => key !== name));
    writeSecretFile(paths[place], { ...before, secrets });
    return true;
  };

  return {
    get: async (name) => {
      const here = session.get(name) ?? fromEnvironment(name);
      if (here !== null) return here;
      const locked = kept('keychain', name);
      return locked === null ? kept('file', name) : unlock(name, locked);
    },
    list: (names) => {
      const files = [readSecretFile(paths.keychain), readSecretFile(paths.file)];
      const all = new Set([...names, ...session.keys(), ...files.flatMap((f) => Object.keys(f?.secrets ?? {}))]);
      return [...all].sort().map(view);
    },
    places,
    set: async (name, secret, place = places()[0] ?? 'session') => {
      checked(name);
      if (secret === '' || secret.length > MAX_LENGTH)
        throw new DeskError({
          code: 'invalid-input',
          message: 'the secret is empty or too long',
          field: 'secret',
          remedy: `give 1 to ${MAX_LENGTH} characters`,
        });
      if (!places().includes(place))
        throw new DeskError({
          code: 'refused',
          message: `secrets cannot be kept in: ${place}`,
          field: 'place',
          value: place,
          remedy: `choose one of ${places().join(', ')}`,
        });
      if (place === 'session' || place === 'environment') session.set(name, secret);
      else {
        const backend = place === 'keychain' ? (vault?.backend ?? null) : null;
        const text = place === 'keychain' && vault !== null ? await vault.encrypt(secret) : secret;
        write(place, backend, (file) => ({ ...file, secrets: { ...file.secrets, [name]: text } }));
        session.delete(name);
      }
      return view(name);
    },
    forget: (name) => {
      const dropped = [session.delete(name), drop('keychain', name), drop('file', name)].some(Boolean);
      if (!dropped) {
        const isEnvironment = fromEnvironment(name) !== null;
        throw new DeskError({
          code: 'not-found',
          message: isEnvironment ? `${name} is set in the environment` : `no secret ${name} is kept`,
          field: 'name',
          value: name,
          remedy: isEnvironment ? `unset ${environmentName(name)}` : '`connections secret list` shows which are',
        });
      }
      return view(name);
    },
  };
}
