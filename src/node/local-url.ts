// A door's address as this machine reaches it, whatever the world calls it.

import type { Config } from '../config.ts'

/** `http(s)://<host>:<port>` without a trailing slash. */
export function localUrl(config: Config, port: number): string {
  const scheme = config.tlsCert === '' ? 'http' : 'https'
  const host = config.host === '0.0.0.0' || config.host === '::' ? 'localhost' : config.host
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
