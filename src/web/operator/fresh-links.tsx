// Links at the only moment when they can be seen, each with whom it is for.

import { useEffect, useRef } from 'preact/hooks'
import { CopyButton } from '../parts/copy-button.tsx'
import { words } from './messages.en.ts'
import type { FreshLinks, Operator } from './operator.ts'

const KINDS = ['host', 'cohost', 'speaker', 'listen'] as const

export function FreshLinksCard({
  operator,
  fresh,
}: {
  readonly operator: Operator
  readonly fresh: FreshLinks
}) {
  const text = words.links
  const heading = useRef<HTMLHeadingElement>(null)
  // What was just made is where the eye and the screen reader should be.
  useEffect(() => {
    heading.current?.focus()
    heading.current?.scrollIntoView({ block: 'center' })
  }, [fresh])
  const isRenewed = fresh.listen === undefined
  return (
    <section class="card fresh" aria-labelledby="fresh-title">
      <h2 id="fresh-title" ref={heading} tabIndex={-1}>
        {text.title(fresh.space.title)}
      </h2>
      <p class="hint">{isRenewed ? renewedWords(fresh) : text.once}</p>
      <dl>
        {KINDS.map((kind) => {
          const url = fresh[kind]
          return (
            url !== undefined && (
              <div key={kind} class={`fresh-link ${kind}`}>
                <dt>{text[kind]}</dt>
                <dd>
                  <p class="hint">{text[`${kind}For`]}</p>
                  <div class="link-row">
                    <input readOnly id={`link-${kind}`} value={url} aria-label={text[kind]} />
                    <CopyButton text={url} label={text[kind]} copy={text.copy} copied={text.copied} />
                  </div>
                </dd>
              </div>
            )
          )
        })}
      </dl>
      <div class="fresh-ways">
        <button
          type="button"
          id="links-done"
          class="primary"
          onClick={() => {
            operator.fresh.value = undefined
          }}
        >
          {text.close}
        </button>
        {fresh.host !== undefined && (
          <a class="button" href={fresh.host} target="_blank" rel="noreferrer">
            {text.openHost}
          </a>
        )}
      </div>
    </section>
  )
}

function renewedWords({ host, cohost }: FreshLinks): string {
  const text = words.links
  if (host !== undefined) return text.renewedHost
  return cohost === undefined ? text.renewedSpeaker : text.renewedCohost
}
