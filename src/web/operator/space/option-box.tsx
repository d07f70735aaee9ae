// A box or a button of several, with a word and what it means.

export function OptionBox(props: {
  readonly type: 'checkbox' | 'radio'
  readonly id: string
  /** For those of which one is chosen. */
  readonly group?: string
  readonly isChosen: boolean
  readonly label: string
  readonly hint: string
  onChange(isChosen: boolean): void
}) {
  return (
    <label class="choice">
      <input
        type={props.type}
        id={props.id}
        {...(props.group === undefined ? {} : { name: props.group })}
        checked={props.isChosen}
        aria-describedby={`${props.id}-hint`}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span>
        <strong>{props.label}</strong>
        <span class="hint" id={`${props.id}-hint`}>
          {props.hint}
        </span>
      </span>
    </label>
  )
}
