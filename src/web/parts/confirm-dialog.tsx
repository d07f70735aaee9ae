// A question before something that cannot be undone. The confirming button can be pressed only after a moment, so
// that a second tap of a nervous thumb, aimed at what was there before, passes nothing.

import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** How long the confirming button stays shut. */
const READY_AFTER_MS = 900

export interface ConfirmDialogProps {
  readonly id: string
  readonly title: string
  readonly body: string
  readonly confirm: string
  readonly cancel: string
  /** Choices that belong to the question, between it and the buttons. */
  readonly children?: ComponentChildren
  onConfirm(): void
  onClose(): void
}

/** Modal while it is rendered; Escape and the cancel button both close it. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [isReady, setReady] = useState(false)
  // Before the next paint: a dialog that is there but not yet modal would leave the keyboard with the page behind it.
  useLayoutEffect(() => {
    dialog.current?.showModal()
    const timer = setTimeout(() => setReady(true), READY_AFTER_MS)
    return () => clearTimeout(timer)
  }, [])
  const titleId = `${props.id}-title`
  return (
    <dialog ref={dialog} class="confirm" aria-labelledby={titleId} onClose={() => props.onClose()}>
      <h2 id={titleId}>{props.title}</h2>
      <p>{props.body}</p>
      {props.children}
      <div class="confirm-buttons">
        {/* First in order, so it has the focus and gets the Enter of a hurried hand. */}
        <button type="button" onClick={() => dialog.current?.close()}>
          {props.cancel}
        </button>
        <button
          type="button"
          id={`${props.id}-confirm`}
          class="danger filling"
          disabled={!isReady}
          onClick={() => {
            props.onConfirm()
            dialog.current?.close()
          }}
        >
          {props.confirm}
        </button>
      </div>
    </dialog>
  )
}
