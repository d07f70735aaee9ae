// A box to check, with its words beside it. What is pressed shows at once, also where its state is the server's.

import type { ComponentChildren } from 'preact'
import { useWanted } from './wanted.ts'

export interface CheckBoxProps {
  readonly id: string
  readonly checked: boolean
  onChange(checked: boolean): void
  readonly disabled?: boolean
  /** Id of what says more of it. */
  readonly describedBy?: string
  readonly children: ComponentChildren
}

export function CheckBox({ id, checked, onChange, disabled, describedBy, children }: CheckBoxProps) {
  const [shown, want] = useWanted(checked)
  return (
    <label class="check">
      <input
        id={id}
        type="checkbox"
        checked={shown}
        disabled={disabled}
        aria-describedby={describedBy}
        onChange={({ currentTarget }) => {
          want(currentTarget.checked)
          onChange(currentTarget.checked)
        }}
      />
      <span>{children}</span>
    </label>
  )
}
