// The answer to an HTTP challenge (RFC 8555, section 8.3): the token that was asked for, and the thumbprint of the
// account's key. Nothing else goes into it, so that any process answers any challenge without being told of it; and
// who has not that key gains nothing from the answer.

const CHALLENGE_PATH = '/.well-known/acme-challenge/'
/** base64url, at least 128 bits of it; the bound is ours. */
const TOKEN = /^[A-Za-z0-9_-]{1,128}$/
const ANSWER_WITHIN_MS = 2_000

/** What to answer on `path`: undefined when it is no challenge's. */
export function challengeAnswer(path: string, thumbprint: string): string | undefined {
  const token = path.startsWith(CHALLENGE_PATH) ? path.slice(CHALLENGE_PATH.length) : ''
  return TOKEN.test(token) ? `${token}.${thumbprint}` : undefined
}

/** Whether challenges are answered at `plainUrl` (no trailing slash) as the authority will ask them. */
export async function answersChallenges(plainUrl: string, thumbprint: string): Promise<boolean> {
  const path = `${CHALLENGE_PATH}${crypto.randomUUID()}`
  try {
    const limits = { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) } as const
    const answer = await fetch(`${plainUrl}${path}`, limits)
    return answer.ok && (await answer.text()) === challengeAnswer(path, thumbprint)
  } catch {
    return false // nobody there, or not yet
  }
}
