import type { ConnectionsConfig } from '#desk/profiles/connections-config.ts';

type Kind = ConnectionsConfig['broker']['kind'] | ConnectionsConfig['marketData'][number]['kind'];
type Rule = readonly [words: RegExp, remedy: string];

/** What the programs of a kind must be set to, and how they are told apart. */
const PROGRAMS: Readonly<Partial<Record<Kind, string>>> = {
  dtc: 'Start Sierra Chart and switch its server on: Global Settings, Sierra Chart Server Settings, DTC Protocol Server; write its listening port under port.',
  ib: 'Start TWS or IB Gateway, tick Enable ActiveX and Socket Clients under API, Settings, and write its port: 7497 for TWS with a paper account (live 7496), 4002 for IB Gateway (live 4001).',
  alpaca:
    'Look at the internet connection, and at tradingUrl, dataUrl and streamUrl where they are set: without them Alpaca’s own are used.',
};
const FILES: Readonly<Partial<Record<Kind, string>>> = {
  scid: 'Name the Data folder of Sierra Chart under folder; its files are called by the symbol, which symbols can say.',
  replay: 'Name a file with bars of each instrument under files.',
};

/** By the words of the failure, the first that fits. */
const RULES: readonly Rule[] = [
  [
    /secret \S+ is not set/iu,
    'Set it with the command named there and the same --profile, or as an environment variable KELLY_DESK_SECRET_ with the name in capitals.',
  ],
  [
    /does not know these keys|refuses these keys/iu,
    'Make new keys on Alpaca’s page, of the account of this profile (paper and live have keys of their own), and store both secrets again.',
  ],
  [
    /refused the logon|password|authenticat/iu,
    'Correct username, and store the password again with `connections secret set`.',
  ],
  [
    /account/iu,
    'Write the account of this connection under account, or log the program on to the account of this profile.',
  ],
  [/client id/iu, 'Give the desk a client id of its own under clientId, or close the program that uses it.'],
  [
    /no DTC|not understood|encoding|JSON|protocol/iu,
    'Look whether another program answers at that address: correct host and port; for a DTC server also the encoding.',
  ],
  [
    /^Alpaca answered 5|too many|takes no more requests/iu,
    'Try again in a minute: the service has troubles of its own.',
  ],
];

/** Returns what to do about a connection of a kind that could not be made, by what it said. */
export function connectRemedy(kind: Kind, detail: string): string {
  const rule = RULES.find(([words]) => words.test(detail));
  return (
    rule?.[1] ?? PROGRAMS[kind] ?? FILES[kind] ?? 'Correct what is named there in the connections file, and test again.'
  );
}
