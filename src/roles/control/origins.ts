// Which pages may change something here with the cookies of the person who looks at them: those of our two doors.
// A call with a Bearer token needs no origin, because no foreign page can make a browser send one.

/** Origins as browsers write them in the `Origin` header. */
export type Origins = ReadonlySet<string>

/**
 * The origins of `urls`; for each also its loopback names with the same port, because a person who sits at the
 * machine may type any of them. Only this machine can serve a page there, and its cookies are its own.
 */
export function originsOf(urls: readonly string[], ports: readonly number[], scheme: string): Origins {
  const origins = new Set(urls.map((url) => new URL(url).origin))
  for (const host of ['localhost', '127.0.0.1', '[::1]']) {
    for (const port of ports) origins.add(new URL(`${scheme}//${host}:${port}`).origin)
  }
  return origins
}

/** True for methods that change nothing (RFC 9110, section 9.2.1). */
export function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}
