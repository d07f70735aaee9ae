// A door's address as this machine reaches it, whatever the world calls it.

import { type Config, isHttps } from '../config.ts'

/** `http(s)://<host>:<port>` without a trailing slash. */
export function localUrl(config: Config, port: number): string {
  return `${isHttps(config) ? 'https' : 'http'}://${localHost(config)}:${port}`
}

/** The plain door's address, `http` whatever the others speak; see `--http-port`. */
export function localPlainUrl(config: Config): string {
  return `http://${localHost(config)}:${config.httpPort}`
}

function localHost({ host }: Config): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return name.includes(':') ? `[${name}]` : name
}
