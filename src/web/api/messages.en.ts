// What a person is told when the API refuses, by the problem's code. The API's own sentence is English, and says
// enough there; other languages say what it comes to, and quote it.

const quote = (detail: string): string => detail

export const words = {
  'bad-request': quote,
  unauthorized: quote,
  forbidden: quote,
  'not-found': quote,
  gone: quote,
  conflict: quote,
  full: quote,
  'too-many': quote,
  unavailable: quote,
  internal: quote,
} as const
