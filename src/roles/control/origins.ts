// Which pages may change something here with the cookies of the person who looks at them: those of our two doors.
// A call with a Bearer token needs no origin, because no foreign page can make a browser send one that it does not
// know itself.

/** Origins as browsers write them in the `Origin` header. */
export type Origins = ReadonlySet<string>

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/**
 * The origins of `urls`. Where one is a loopback name, all of them with its port: a person who sits at the machine
 * may type any. A loopback origin is never accepted for a door that has a name of its own, since any program on
 * that person's machine may serve a page there.
 */
export function originsOf(urls: readonly string[]): Origins {
  const origins = new Set<string>()
  for (const text of urls) {
    const url = new URL(text)
    const isLocal = LOOPBACK_NAMES.includes(url.hostname)
    for (const name of isLocal ? LOOPBACK_NAMES : [url.hostname]) {
      const port = url.port === '' ? '' : `:${url.port}`
      origins.add(`${url.protocol}//${name}${port}`)
    }
  }
  return origins
}

/** True for methods that change nothing (RFC 9110, section 9.2.1). */
export function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}
