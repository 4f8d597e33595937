import { Component } from 'react';
import type { ReactNode } from 'react';
import { Button } from '#renderer/src/ui/button.tsx';
import { CopyButton } from '#renderer/src/ui/copy-button.tsx';
import { Empty, Strip } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './app.module.css';

const cls = styler(css);

type BoundaryProps = { readonly name: string; readonly children: ReactNode };
type BoundaryState = { readonly failure: Error | null };

const asError = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)));

/** What is said in place of a part of the page that broke. */
function Broken({
  name,
  failure,
  again,
}: {
  readonly name: string;
  readonly failure: Error;
  readonly again: () => void;
}) {
  return (
    <section className={cls('broken')} aria-label={`${name} could not be drawn`}>
      <Strip tone="loss" title={`${name} could not be drawn.`}>
        A fault of this window, not of the desk.
      </Strip>
      <Empty
        title="The desk goes on"
        actions={
          <>
            <Button onClick={again}>Draw it again</Button>
            <CopyButton
              text={`${name}: ${failure.stack ?? failure.message}`}
              label="Copy details"
              otherwise="write down what is said here"
            />
          </>
        }
      >
        Orders, stops and limits do not depend on this window. HALT and the other screens still work.
      </Empty>
    </section>
  );
}

/** Keeps a fault in one part of the page from taking the others, and HALT, with it. React knows no other form of it. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { failure: null };

  static getDerivedStateFromError(cause: unknown): BoundaryState {
    return { failure: asError(cause) };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    const { name, children } = this.props;
    if (failure === null) return children;
    return <Broken name={name} failure={failure} again={() => this.setState({ failure: null })} />;
  }
}
