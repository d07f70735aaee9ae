// Two ways to find out whether anybody is at the door.
//
// Asking (`fetch`) is the plain one, and leaves something behind where nothing comes back, as in a tunnel: Chromium
// lets the TCP attempt of a request that was given up go on for two minutes, and has six connections to a door. Six
// askings in a tunnel, and whatever is sent at its end stands in line behind TCP's next attempt, which after half a
// minute is up to half a minute away. The attempt of a WebSocket ends with it, so dialling comes first.
//
// It can't replace asking. A WebSocket that fails doesn't tell a proxy that knows none from no network; and once
// sixteen have failed in the last minutes, and sixteen more for each that was opened, Chromium makes the next one wait
// for one to five seconds.

/** answered: by whomever · failed: at once and for certain, as without a network · void: nothing came back in time. */
export type Knocked = 'answered' | 'failed' | 'void'

/** One request, on whatever connection the browser has or makes. */
export async function ask(url: string, withinMs: number, stop: AbortSignal): Promise<Knocked> {
  const late = AbortSignal.timeout(withinMs)
  try {
    // Whatever the answer says, somebody gave it.
    await fetch(url, { method: 'HEAD', cache: 'no-store', signal: AbortSignal.any([stop, late]) })
    return 'answered'
  } catch {
    // Of the reason a page is told nothing, but that it was our own patience that ended.
    return late.aborted ? 'void' : 'failed'
  }
}

/** One WebSocket, on a connection of its own. `failed` may also be the refusal of somebody who knows no WebSockets. */
export function dial(url: string, withinMs: number, stop: AbortSignal): Promise<Knocked> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'))
    const end = (knocked: Knocked) => {
      clearTimeout(timer)
      stop.removeEventListener('abort', giveUp)
      resolve(knocked)
      socket.close()
    }
    const giveUp = () => end('void')
    const timer = setTimeout(giveUp, withinMs)
    stop.addEventListener('abort', giveUp, { once: true })
    socket.addEventListener('open', () => end('answered'))
    socket.addEventListener('error', () => end('failed'))
  })
}
