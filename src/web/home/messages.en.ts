// What the home page says by script, in English; the rest stands in its template.

import { plural } from '../parts/language.ts'

export const words = {
  listening: (n: number) => plural(n, { other: 'listening' }, 'en'),
  soon: 'soon',
} as const
