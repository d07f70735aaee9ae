// Screens that say one thing and offer one way on.

import type { ComponentChildren } from 'preact'

export function PlainScreen(props: {
  readonly title: string
  readonly body: string
  readonly children?: ComponentChildren
}) {
  return (
    <section class="plain card">
      <h2>{props.title}</h2>
      <p>{props.body}</p>
      {props.children !== undefined && <div class="plain-ways">{props.children}</div>}
    </section>
  )
}
