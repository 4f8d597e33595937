import { useCallback } from 'react';
import type { CalibrationPreview, CalibrationState } from '#shared/domain/models.ts';
import { countText, DASH, numberText, percentText, signedText } from '#shared/format/numbers.ts';
import {
  acceptCalibration,
  calibrationPreview,
  declineCalibration,
  forgetPreview,
  previewCalibration,
} from '#renderer/src/store/models.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Strip } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import table from '#renderer/src/features/performance/table.module.css';
import { useSceneChart } from '#renderer/src/features/performance/scene-chart.tsx';
import type { BoxSize } from '#renderer/src/features/performance/use-box-size.ts';
import { pointTime } from '#renderer/src/features/performance/time-ticks.ts';
import { calibrationReader, calibrationScene } from './calibration-scene.ts';
import css from './models.module.css';
import { CALIBRATORS, calibratorText } from './names.ts';

const cls = styler({ ...table, ...css });

const named = ({ kind, fittedOn }: CalibrationPreview['inForce']): string =>
  calibratorText(kind, `${countText(fittedOn)} outcomes`);

function stateWords({ resolved, fittedOn, isDue, isUsed, next }: CalibrationState): string {
  const news = `${countText(resolved - fittedOn)} have resolved since. ${isDue ? 'A new fit is worth a look.' : 'A new fit would hardly differ.'}`;
  const step = next === null ? '' : ` From ${countText(next.at)} resolved on: ${CALIBRATORS[next.kind]}.`;
  return `${news} Calibration may only lower a probability.${step}${isUsed ? '' : ' This profile sizes from what the models say: no calibrator is used.'}`;
}

/** How the new fit does on predictions that a trial fit of the same kind has not seen. */
function laterWords({ later }: CalibrationPreview): string {
  if (later === null) return 'Too few predictions to hold some back: the fit cannot be scored on later ones yet.';
  const { trainedOn, scoredOn, kind, raw, trial, saved } = later;
  const saving =
    saved === null
      ? ''
      : ` Saved ${signedText(saved.mean, 4)}, 90 %: ${signedText(saved.lower, 4)} to ${signedText(saved.upper, 4)}.`;
  return `Scored on the ${countText(scoredOn)} newest predictions, by a ${CALIBRATORS[kind]} fit on ${countText(trainedOn)} before them: log loss ${numberText(raw.logLoss, 4)} as said, ${numberText(trial.logLoss, 4)} calibrated; Brier ${numberText(raw.brier, 4)} and ${numberText(trial.brier, 4)}.${saving}`;
}

function Sizes({ sizes }: { readonly sizes: CalibrationPreview['sizes'] }) {
  const changed = sizes.filter(({ before, after }) => before.contracts !== after.contracts).length;
  return (
    <table className={cls('table')}>
      <caption className={cls('sizesCaption')}>
        Of the {countText(sizes.length)} newest signals {countText(changed)} would be sized otherwise.
      </caption>
      <thead>
        <tr>
          <th scope="col">Signal</th>
          <th scope="col" className={cls('number')}>
            Said
          </th>
          <th scope="col" className={cls('number')}>
            Sized from
          </th>
          <th scope="col" className={cls('number')}>
            Contracts
          </th>
        </tr>
      </thead>
      <tbody>
        {sizes.map(({ recommendationId, at, symbol, raw, before, after }) => (
          <tr key={recommendationId}>
            <th scope="row" title={`decided ${pointTime(at)}`}>
              {symbol}
            </th>
            <td className={cls('number')}>{percentText(raw, 1)}</td>
            <td className={cls('number')}>
              {before.probability === null ? DASH : percentText(before.probability, 1)} →{' '}
              {after.probability === null ? DASH : percentText(after.probability, 1)}
            </td>
            <td className={cls('number', before.contracts !== after.contracts && 'strong')}>
              {countText(before.contracts)} → {countText(after.contracts)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What is sized from, for what was said: in force and with the new fit. */
function Curve({ preview: { curve, candidate, inForce } }: { readonly preview: CalibrationPreview }) {
  const draw = useCallback((size: BoxSize) => calibrationScene({ curve, ...size }), [curve]);
  const usual = curve.find(({ raw }) => raw >= 0.65 - 1e-9);
  const { tools, chart } = useSceneChart({
    title: 'Calibration',
    note: `new: ${named(candidate)} (solid); in force: ${named(inForce)} (dashed)`,
    draw,
    alternative: `What is sized from, for what was said. At 65 %: ${percentText(usual?.before, 1)} now, ${percentText(usual?.after, 1)} with the new fit.`,
    picture: 'kelly-desk-calibration.png',
    reader: calibrationReader(curve),
  });
  return (
    <div className={cls('curve')}>
      <div className={cls('curveChart')}>{chart}</div>
      <div className={cls('curveTools')}>{tools}</div>
    </div>
  );
}

function Preview({ preview }: { readonly preview: CalibrationPreview }) {
  const { candidate, inForce, sizes } = preview;
  const isBusy = useUi((s) => s.busy['calibration'] === true);
  const failure = useUi((s) => s.failures['calibration'] ?? null);
  return (
    <>
      {failure !== null && (
        <Strip tone="loss" title="Nothing was changed.">
          {failure}
        </Strip>
      )}
      <div className={cls('previewHead')}>
        <p>
          New: <b>{named(candidate)}</b> (solid). In force: <b>{named(inForce)}</b> (dashed).
        </p>
        <span className={cls('choices')}>
          <Button size="small" aria-disabled={isBusy} onClick={() => void acceptCalibration(candidate.version)}>
            Accept
          </Button>
          <Button size="small" aria-disabled={isBusy} onClick={() => void declineCalibration(candidate.version)}>
            Decline
          </Button>
          <Button size="small" variant="quiet" onClick={forgetPreview}>
            Close
          </Button>
        </span>
      </div>
      <p className={cls('previewWords')}>{laterWords(preview)}</p>
      <div className={cls('previewGrid')}>
        <Curve preview={preview} />
        <Sizes sizes={sizes} />
      </div>
    </>
  );
}

/** The calibrator in force, and what a new fit would change, to be accepted or declined. */
export function CalibrationContent({ state }: { readonly state: CalibrationState }) {
  const { value, isReading, failure } = calibrationPreview.use();
  const isLive = useStatus((s) => s.link === 'live');
  if (value !== null) return <Preview preview={value} />;
  return (
    <div className={cls('facts')}>
      {failure !== null && (
        <Strip tone="loss" title="The fit could not be made.">
          {failure}
        </Strip>
      )}
      <dl className={cls('factRow')}>
        <div>
          <dt>In force</dt>
          <dd className={cls('headline')}>{calibratorText(state.kind, `${countText(state.fittedOn)} outcomes`)}</dd>
        </div>
        <div>
          <dt>Resolved</dt>
          <dd className={cls('headline')}>{countText(state.resolved)}</dd>
        </div>
      </dl>
      <p>{stateWords(state)}</p>
      <div>
        <Button aria-disabled={isReading || !isLive} onClick={previewCalibration}>
          {isReading ? 'Fitting…' : 'Preview a refit'}
        </Button>
      </div>
    </div>
  );
}
