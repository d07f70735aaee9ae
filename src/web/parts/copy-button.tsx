// Copies a text and says that it did.

import { useEffect, useState } from 'preact/hooks'
import { CheckIcon, CopyIcon } from './icons.tsx'

const SAID_FOR_MS = 2_500

/** `label` names what is copied, for those who hear the page; `copy` and `copied` are the words on the button. */
export function CopyButton(props: {
  readonly text: string
  readonly label: string
  readonly copy: string
  readonly copied: string
}) {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), SAID_FOR_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  return (
    <button
      type="button"
      class={isCopied ? 'copy copied' : 'copy'}
      aria-label={isCopied ? props.copied : `${props.copy}: ${props.label}`}
      onClick={async () => setCopied(await copyText(props.text))}
    >
      {isCopied ? <CheckIcon /> : <CopyIcon />}
      <span aria-live="polite">{isCopied ? props.copied : props.copy}</span>
    </button>
  )
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // No clipboard on an insecure page: the text stands next to the button and can be selected.
    return false
  }
}
