// What stands for one player who holds no stream and shows no ticket. Two of them behind one address with the same browser
// look alike, and are taken for one.

/** Of a User-Agent; what comes after does not tell devices apart. */
const USER_AGENT_CHARACTERS_MAX = 512

/** What a browser calls itself, as far as it is looked at. */
export function userAgentOf(request: Request): string {
  return (request.headers.get('User-Agent') ?? '').slice(0, USER_AGENT_CHARACTERS_MAX)
}

/** A key of some ten characters; it lives in memory alone. */
export function playerKeyOf(request: Request, address: string): string {
  return Bun.hash(`${address} ${userAgentOf(request)}`).toString(36)
}
