// A box to check, with its words beside it.

import type { ComponentChildren } from 'preact'

export interface CheckBoxProps {
  readonly id: string
  readonly checked: boolean
  onChange(checked: boolean): void
  /** Id of what says more of it. */
  readonly describedBy?: string
  readonly children: ComponentChildren
}

export function CheckBox({ id, checked, onChange, describedBy, children }: CheckBoxProps) {
  return (
    <label class="check">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        aria-describedby={describedBy}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>{children}</span>
    </label>
  )
}
