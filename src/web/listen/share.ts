// The system's share sheet, or the clipboard, or the link itself to copy by hand.

/** What became of it; `sent` says nothing, since the system's own sheet has said it. */
export type Shared = 'sent' | 'copied' | 'let-go' | 'shown'

/** Shares `url`. `askToCopy` comes before it where nothing else works. Call it from a press. */
export async function shareLink(title: string, url: string, askToCopy: string): Promise<Shared> {
  try {
    if (navigator.share) {
      await navigator.share({ title, url })
      return 'sent'
    }
    await navigator.clipboard.writeText(url)
    return 'copied'
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return 'let-go'
    prompt(askToCopy, url)
    return 'shown'
  }
}
