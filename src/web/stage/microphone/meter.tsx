// A level bar that moves without rendering: the signal writes one custom property, twenty times a second.

import type { ReadonlySignal } from '@preact/signals'
import { useSignalEffect } from '@preact/signals'
import { useRef } from 'preact/hooks'

/** `level`: 0…1. `label` makes it a meter to screen readers; without it the bar is decoration. */
export function Meter({ level, label }: { readonly level: ReadonlySignal<number>; readonly label?: string }) {
  const bar = useRef<HTMLDivElement>(null)
  useSignalEffect(() => {
    bar.current?.style.setProperty('--level', level.value.toFixed(3))
  })
  return (
    <div
      ref={bar}
      class="meter"
      {...(label === undefined
        ? { 'aria-hidden': 'true' as const }
        : { role: 'img' as const, 'aria-label': label })}
    >
      <div class="meter-fill" />
    </div>
  )
}
