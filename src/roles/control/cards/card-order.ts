// What control and the worker that draws say to each other.

import type { LinkCard } from '../../../core/card/link-card.ts'

/** One at a time; the answer to an order comes before the next is sent. */
export interface CardOrder {
  readonly card: LinkCard
}

export type CardAnswer =
  | { readonly kind: 'drawn'; readonly png: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'failed'; readonly reason: string }
