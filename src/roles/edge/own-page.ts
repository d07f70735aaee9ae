// The few things that the public door takes come from our own pages, or from no browser at all.

import { MimbarError } from '../../base/errors.ts'

/** Browsers say which site asks (Fetch Metadata); who is no browser has nobody's rights to ride on. Else `forbidden`. */
export function requireOwnPage(request: Request, toDoWhat: string): void {
  const site = request.headers.get('Sec-Fetch-Site')
  if (site === null || site === 'same-origin') return
  throw new MimbarError('forbidden', `Only our own pages ${toDoWhat}.`)
}
