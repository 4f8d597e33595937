import { useState } from 'react';
import { askPermission, notify, permission } from '#renderer/src/features/attention/notifier.ts';
import type { Permission } from '#renderer/src/features/attention/notifier.ts';
import { playTone } from '#renderer/src/features/attention/tones.ts';
import { InputField, Segments } from '#renderer/src/features/journal/fields.tsx';
import { ATTENTION_KINDS, EXEMPTIBLE, setAttention, useAttention, VOLUMES } from '#renderer/src/store/attention.ts';
import type { AttentionKind, Exemptible } from '#renderer/src/store/attention.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import shared from './settings.module.css';
import css from './attention.module.css';

const cls = styler({ ...shared, ...css });

const KINDS: Readonly<Record<AttentionKind, string>> = {
  breaker: 'A breaker or halt',
  disconnect: 'A connection is lost',
  fill: 'A fill',
  expiry: 'A recommendation expires within 15 s',
  recommendation: 'A new recommendation',
};
const EXEMPT: Readonly<Record<Exemptible, string>> = {
  breaker: 'Breakers and halts',
  disconnect: 'Lost connections',
  fill: 'Fills',
};
const VOLUME_WORDS = { soft: 'Soft', normal: 'Normal', loud: 'Loud' } as const;

type CheckProps = {
  readonly label: string;
  readonly isOn: boolean;
  readonly isOff?: boolean;
  readonly onChange: (isOn: boolean) => void;
};

function Check({ label, isOn, isOff = false, onChange }: CheckProps) {
  return (
    <label className={cls('check')}>
      <input type="checkbox" checked={isOn} disabled={isOff} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}

const PERMISSION_WORDS: Readonly<Record<Permission, string>> = {
  default: 'The system asks once whether it may show them.',
  granted: 'The system shows them.',
  denied: 'The system refuses them: allow notifications for this page in its settings, then choose this again.',
  none: 'This system has no notifications. Sounds and the count in the title work.',
};

const TRIAL = {
  kind: 'recommendation',
  title: 'Kelly Desk',
  text: 'This is how the desk calls you. A click brings you to what it is about.',
  symbol: null,
} as const;

function Notifications() {
  const { hasNotifications, isAlsoInFront } = useAttention();
  const [allowed, setAllowed] = useState(permission);
  const isShown = hasNotifications && allowed === 'granted';
  const choose = async (isOn: boolean): Promise<void> => {
    const now = isOn ? await askPermission() : permission();
    setAllowed(now);
    setAttention({ hasNotifications: isOn && now === 'granted' });
  };
  return (
    <div className={cls('block')}>
      <div className={cls('line')}>
        <Check
          label="Notifications on the desktop"
          isOn={isShown}
          isOff={allowed === 'none'}
          onChange={(isOn) => void choose(isOn)}
        />
        {isShown && (
          <Button size="small" onClick={() => notify(TRIAL)}>
            Show one
          </Button>
        )}
      </div>
      <p className={cls(allowed === 'denied' ? 'error' : 'soft')} role="status">
        {PERMISSION_WORDS[allowed]}
      </p>
      {isShown && (
        <Check
          label="Also while this window is in use"
          isOn={isAlsoInFront}
          onChange={(isOn) => setAttention({ isAlsoInFront: isOn })}
        />
      )}
    </div>
  );
}

function Sounds() {
  const { hasSounds, volume } = useAttention();
  return (
    <div className={cls('block')}>
      <Check label="Sounds" isOn={hasSounds} onChange={(isOn) => setAttention({ hasSounds: isOn })} />
      <p className={cls('soft')}>Short tones, another for each event. Several at once are one: the most pressing.</p>
      {hasSounds && (
        <Segments
          label="Volume"
          value={volume}
          choices={VOLUMES.map((value) => ({ value, label: VOLUME_WORDS[value] }))}
          onChange={(value) => setAttention({ volume: value })}
        />
      )}
    </div>
  );
}

function KindRow({ kind }: { readonly kind: AttentionKind }) {
  const { notify: notified, sound, volume } = useAttention();
  return (
    <tr>
      <th scope="row">{KINDS[kind]}</th>
      <td>
        <input
          type="checkbox"
          aria-label={`Notification: ${KINDS[kind]}`}
          checked={notified[kind]}
          onChange={(e) => setAttention({ notify: { ...notified, [kind]: e.target.checked } })}
        />
      </td>
      <td>
        <input
          type="checkbox"
          aria-label={`Sound: ${KINDS[kind]}`}
          checked={sound[kind]}
          onChange={(e) => setAttention({ sound: { ...sound, [kind]: e.target.checked } })}
        />
      </td>
      <td>
        <Button
          size="small"
          variant="quiet"
          aria-label={`Play: ${KINDS[kind]}`}
          onClick={() => void playTone(kind, volume)}
        >
          Play
        </Button>
      </td>
    </tr>
  );
}

const timeText = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** A field that was emptied says nothing new: the time before stands. */
function minuteAt(text: string, before: number): number {
  const [, hour, minute] = /^(\d{2}):(\d{2})/.exec(text) ?? [];
  return hour === undefined || minute === undefined ? before : Number(hour) * 60 + Number(minute);
}

function Quiet() {
  const quiet = useAttention((s) => s.quiet);
  const set = (change: Partial<typeof quiet>): void => setAttention({ quiet: { ...quiet, ...change } });
  const exempt = (kind: Exemptible, isOn: boolean): void =>
    set({ exempt: EXEMPTIBLE.filter((one) => (one === kind ? isOn : quiet.exempt.includes(one))) });
  return (
    <div className={cls('block')}>
      <Check label="Quiet hours" isOn={quiet.isOn} onChange={(isOn) => set({ isOn })} />
      {quiet.isOn && (
        <>
          <div className={cls('times')}>
            <InputField
              label="From"
              type="time"
              value={timeText(quiet.from)}
              onText={(text) => set({ from: minuteAt(text, quiet.from) })}
            />
            <InputField
              label="Until"
              type="time"
              value={timeText(quiet.until)}
              onText={(text) => set({ until: minuteAt(text, quiet.until) })}
            />
          </div>
          <p className={cls('soft')}>
            {quiet.from === quiet.until ? 'The whole day. ' : ''}By the clock of this computer. Nothing is shown or
            heard, but for:
          </p>
          {EXEMPTIBLE.map((kind) => (
            <Check
              key={kind}
              label={EXEMPT[kind]}
              isOn={quiet.exempt.includes(kind)}
              onChange={(isOn) => exempt(kind, isOn)}
            />
          ))}
        </>
      )}
    </div>
  );
}

/** By which ways the desk calls the trader, for what, and when it keeps still. */
export function AttentionSection() {
  return (
    <div className={cls('form')}>
      <Notifications />
      <Sounds />
      <table className={cls('kinds')}>
        <caption>What is told</caption>
        <thead>
          <tr>
            <th scope="col">Event</th>
            <th scope="col">Notification</th>
            <th scope="col">Sound</th>
            <th scope="col">
              <span className={cls('spoken')}>Try</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {ATTENTION_KINDS.map((kind) => (
            <KindRow key={kind} kind={kind} />
          ))}
        </tbody>
      </table>
      <Quiet />
      <p className={cls('soft')}>
        The number of recommendations that wait stands before the title of the window, and on the icon of the app. All
        of this is kept in this window only.
      </p>
    </div>
  );
}
