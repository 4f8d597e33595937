import { useState } from 'react';
import { z } from 'zod';
import type { ConnectionsView, SecretView } from '#shared/contract/connections-operations.ts';
import { listText } from '#shared/wording/index.ts';
import { InputField, Segments, SelectField } from '#renderer/src/features/journal/fields.tsx';
import {
  connectionsReading,
  forgetSecret,
  secretTarget,
  setSecret,
  testConnections,
  useConnectionTest,
} from '#renderer/src/store/connection-tests.ts';
import type { ConfiguredProfile } from '#renderer/src/store/connection-tests.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { ConnectionReport } from './connection-report.tsx';
import shared from './settings.module.css';
import css from './connections.module.css';

const cls = styler({ ...shared, ...css });

const PROFILES: readonly { readonly value: ConfiguredProfile; readonly label: string }[] = [
  { value: 'paper', label: 'Paper' },
  { value: 'live', label: 'Live' },
];
const PLACES = {
  session: 'This session only',
  environment: 'The environment',
  keychain: 'The key store of the system',
  file: 'A file for its owner alone',
} as const;

const kindSchema = z.looseObject({ kind: z.string() });
/** What of a configuration is told here; the desk has checked all of it. */
const summarySchema = z.looseObject({
  account: z.string(),
  instruments: z.array(z.looseObject({ contract: z.string() })),
  models: z.record(z.string(), kindSchema),
  broker: kindSchema,
  marketData: z.array(kindSchema),
});

function Summary({ config }: { readonly config: NonNullable<ConnectionsView['config']> }) {
  const parsed = summarySchema.safeParse(config);
  if (!parsed.success) return null;
  const { account, instruments, models, broker, marketData } = parsed.data;
  const facts = [
    ['Account', account],
    ['Instruments', listText(instruments.map(({ contract }) => contract))],
    [
      'Models',
      Object.entries(models)
        .map(([name, { kind }]) => `${name} (${kind})`)
        .join(', '),
    ],
    ['Broker', broker.kind],
    ['Prices', listText(marketData.map(({ kind }) => kind))],
  ] as const;
  return (
    <dl className={cls('facts')}>
      {facts.map(([name, text]) => (
        <div key={name} className={cls('fact')}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

type SecretProps = {
  readonly secret: SecretView;
  readonly profile: ConfiguredProfile;
  readonly places: ConnectionsView['places'];
};

function SecretForm({ secret: { name }, profile, places, onDone }: SecretProps & { readonly onDone: () => void }) {
  const [text, setText] = useState('');
  const [place, setPlace] = useState(places[0] ?? 'session');
  const failure = useUi((s) => s.failures[secretTarget({ profile, name })]);
  const save = async (): Promise<void> => {
    if (text === '' || !(await setSecret({ profile, name }, text, place))) return;
    setText('');
    onDone();
  };
  return (
    <form
      className={cls('secretForm')}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <InputField label={`Secret ${name}`} type="password" autoComplete="off" value={text} onText={setText} />
      <SelectField
        label="Kept in"
        value={place}
        choices={places.map((value) => ({ value, label: PLACES[value] }))}
        onChange={(value) => setPlace(places.find((one) => one === value) ?? place)}
      />
      <Button aria-disabled={text === ''} onClick={() => void save()}>
        Save secret
      </Button>
      <Button variant="quiet" onClick={onDone}>
        Cancel
      </Button>
      {failure !== undefined && (
        <p role="alert" className={cls('error')}>
          {failure}
        </p>
      )}
    </form>
  );
}

function Secret(props: SecretProps) {
  const { secret, profile } = props;
  const [isOpen, setOpen] = useState(false);
  const { name, isSet, source } = secret;
  return (
    <li>
      <div className={cls('secret')}>
        <span className={cls('mono')}>{name}</span>
        <span className={cls(isSet ? 'soft' : 'warned')}>
          {isSet
            ? `✓ set, in ${PLACES[source ?? 'session'].toLowerCase()}`
            : '✕ missing: connecting will fail without it'}
        </span>
        <Button size="small" aria-label={`Set ${name} …`} onClick={() => setOpen(true)}>
          Set …
        </Button>
        {isSet && source !== 'environment' && (
          <Button
            size="small"
            variant="quiet"
            aria-label={`Forget ${name}`}
            onClick={() => void forgetSecret({ profile, name })}
          >
            Forget
          </Button>
        )}
      </div>
      {isOpen && <SecretForm {...props} onDone={() => setOpen(false)} />}
    </li>
  );
}

function FileTest({ config }: { readonly config: NonNullable<ConnectionsView['config']> }) {
  const test = useConnectionTest((s) => (s.run?.scope === 'file' ? s.run : null));
  const isBusy = useConnectionTest((s) => s.run?.isRunning === true);
  const isLive = useStatus((s) => s.link === 'live');
  return (
    <>
      <div className={cls('line')}>
        <Button
          aria-disabled={isBusy || !isLive}
          onClick={() => void testConnections({ scope: 'file', only: null, config })}
        >
          {test?.isRunning === true ? 'Testing the file …' : 'Test what is saved'}
        </Button>
        <span className={cls('soft')}>It connects beside what runs, looks, and hangs up.</span>
      </div>
      {Object.entries(test?.steps ?? {}).map(([id, steps]) => (
        <div key={id}>
          <strong>{id}</strong>
          <ConnectionReport name={id} steps={steps} isRunning={false} />
        </div>
      ))}
      {test?.failure != null && (
        <p role="alert" className={cls('error')}>
          {test.failure}
        </p>
      )}
    </>
  );
}

function fileText({ config, problem, isRestartNeeded }: ConnectionsView, isOwn: boolean): string {
  if (problem !== null) return `${problem.field} is ${problem.value}: ${problem.remedy}. Nothing of the file is used.`;
  if (config === null) return 'There is no such file yet. kelly-desk connections test --schema shows its form.';
  if (isRestartNeeded) return 'What is saved differs from what runs: it comes into force at the next start.';
  return isOwn ? 'This is what runs.' : 'It comes into force when the desk is started with this profile.';
}

/** Where a profile's connections are configured, what is missing, and its secrets by name. Never a secret itself. */
export function ConnectionConfig({ view }: { readonly view: ConnectionsView }) {
  const own = useStatus((s) => s.identity?.profile ?? 'simulation');
  const { path, config, problem, secrets, places } = view;
  const profile: ConfiguredProfile = view.profile === 'live' ? 'live' : 'paper';
  return (
    <section className={cls('config')} aria-labelledby="connection-config">
      <h3 id="connection-config" className={cls('heading')}>
        Configuration
      </h3>
      {own === 'simulation' && (
        <p className={cls('soft')}>
          The simulation needs none: its market, models and broker are part of this program. Paper and live have a file
          each.
        </p>
      )}
      <Segments
        label="Profile"
        value={profile}
        choices={PROFILES}
        onChange={(value) => connectionsReading.show(value)}
      />
      <p className={cls('mono')}>{path}</p>
      <p
        role="status"
        className={cls(problem !== null ? 'error' : view.isRestartNeeded && profile === own ? 'warned' : 'soft')}
      >
        {fileText(view, profile === own)}
      </p>
      {config !== null && <Summary config={config} />}
      {secrets.length > 0 && (
        <ul className={cls('secrets')} aria-label="Secrets">
          {secrets.map((secret) => (
            <Secret key={secret.name} {...{ secret, profile, places }} />
          ))}
        </ul>
      )}
      {config !== null && <FileTest config={config} />}
    </section>
  );
}
