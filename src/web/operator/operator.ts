// The operator page's one state: signed in or not, the spaces there are, and the links that were made just now.
// Secrets are held only as long as they are shown.

import { signal } from '@preact/signals'
import {
  type CreatedSpace,
  LINK_FRAGMENT,
  type Link,
  type NewSpace,
  type PublicSpace,
  type SpaceChange,
  type SpaceList,
} from '../../core/api/api.ts'
import type { SeatRole } from '../../core/seat/roles.ts'
import { type Answer, call } from '../api/call.ts'
import { words } from './messages.en.ts'

export type Access =
  | { readonly kind: 'asking' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'stranger'; readonly problem?: string }
  | { readonly kind: 'operator' }

/** Links that were made just now. A kind that is absent was not made. */
export interface FreshLinks {
  readonly space: PublicSpace
  readonly host?: string
  readonly cohost?: string
  readonly speaker?: string
  readonly listen?: string
}

/** What happens to the picture that is announced. */
export type PictureChange = { readonly kind: 'set'; readonly picture: File } | { readonly kind: 'drop' }

const REFRESH_EVERY_MS = 5_000

export class Operator {
  readonly access = signal<Access>({ kind: 'asking' })
  readonly spaces = signal<SpaceList | undefined>(undefined)
  readonly fresh = signal<FreshLinks | undefined>(undefined)
  readonly failure = signal<string | undefined>(undefined)
  /** The space that is being changed, with its description. */
  readonly editing = signal<PublicSpace | undefined>(undefined)
  /** True while a space is being made or changed. */
  readonly isBusy = signal(false)
  readonly #publicUrl: string

  constructor(publicUrl: string) {
    this.#publicUrl = publicUrl
    window.addEventListener('hashchange', () => {
      if (readSecret() !== undefined) void this.begin()
    })
    // One refresh at a time, and none while nobody looks.
    const refreshForEver = async () => {
      if (document.visibilityState === 'visible') {
        if (this.access.value.kind === 'operator') await this.refresh()
        if (this.access.value.kind === 'unreachable') await this.begin()
      }
      setTimeout(refreshForEver, REFRESH_EVERY_MS)
    }
    setTimeout(refreshForEver, REFRESH_EVERY_MS)
  }

  /** Exchanges the link's secret if the address has one; otherwise asks whether this browser is signed in. */
  async begin(): Promise<void> {
    const secret = readSecret()
    const answer =
      secret === undefined
        ? await call('GET', '/api/v1/operator/session')
        : await call('POST', '/api/v1/operator/session', { body: { secret } })
    if (answer.kind === 'unreachable') {
      this.access.value = { kind: 'unreachable' }
    } else if (answer.kind === 'done') {
      if (secret !== undefined) history.replaceState(null, '', location.pathname + location.search)
      this.access.value = { kind: 'operator' }
      await this.refresh()
    } else {
      this.access.value = { kind: 'stranger', ...problemOf(secret !== undefined, answer.problem.status) }
    }
  }

  async signOut(): Promise<void> {
    await call('DELETE', '/api/v1/operator/session')
    this.fresh.value = undefined
    this.editing.value = undefined
    this.access.value = { kind: 'stranger' }
  }

  async refresh(): Promise<void> {
    const answer = await call<SpaceList>('GET', '/api/v1/spaces')
    if (answer.kind === 'done') this.spaces.value = answer.value
  }

  /** True when it was made; if then the picture is refused, it says so and is without. */
  async make(space: NewSpace, picture?: File): Promise<boolean> {
    this.isBusy.value = true
    const answer = await call<CreatedSpace>('POST', '/api/v1/spaces', { body: space })
    this.isBusy.value = false
    if (!this.#succeeded(answer)) return false
    const { space: made, links } = answer.value
    this.fresh.value = { space: made, ...links }
    if (picture !== undefined) {
      this.#succeeded(await call('PUT', `/api/v1/spaces/${made.id}/picture`, { file: picture }))
    }
    await this.refresh()
    return true
  }

  /** Opens the form that changes `space`. Lists have no descriptions, so it is asked for once more. */
  async edit(space: PublicSpace): Promise<void> {
    const answer = await call<PublicSpace>('GET', `/api/v1/spaces/${space.id}`)
    if (!this.#succeeded(answer)) return
    this.fresh.value = undefined
    this.editing.value = answer.value
  }

  /** Closes the form once all of it is changed; what is refused is said, and the form stays. */
  async change(space: PublicSpace, change: SpaceChange, picture?: PictureChange): Promise<void> {
    const path = `/api/v1/spaces/${space.id}`
    this.isBusy.value = true
    const hasNews = Object.keys(change).length > 0
    const isChanged = !hasNews || this.#succeeded(await call('PATCH', path, { body: change }))
    const isDone =
      isChanged &&
      (picture === undefined ||
        this.#succeeded(
          picture.kind === 'set'
            ? await call('PUT', `${path}/picture`, { file: picture.picture })
            : await call('DELETE', `${path}/picture`),
        ))
    this.isBusy.value = false
    if (isDone) this.editing.value = undefined
    await this.refresh()
  }

  async renew(space: PublicSpace, kind: SeatRole): Promise<void> {
    const answer = await call<Link>('POST', `/api/v1/spaces/${space.id}/links/${kind}`)
    if (!this.#succeeded(answer)) return
    this.editing.value = undefined
    this.fresh.value = { space, [kind]: answer.value.url }
  }

  async end(space: PublicSpace): Promise<void> {
    if (this.#succeeded(await call('POST', `/api/v1/spaces/${space.id}/end`))) await this.refresh()
  }

  /** Nobody may hear its recording, or everybody may again. */
  async withhold(space: PublicSpace, withheld: boolean): Promise<void> {
    const change: SpaceChange = { withheld }
    const answer = await call('PATCH', `/api/v1/spaces/${space.id}`, { body: change })
    if (this.#succeeded(answer)) await this.refresh()
  }

  async remove(space: PublicSpace): Promise<void> {
    if (this.#succeeded(await call('DELETE', `/api/v1/spaces/${space.id}`))) await this.refresh()
  }

  /** What people read of the address of a link. */
  get publicHost(): string {
    return new URL(this.#publicUrl).host
  }

  listenUrl(space: PublicSpace): string {
    return `${this.#publicUrl}/s/${space.id}`
  }

  #succeeded<T>(answer: Answer<T>): answer is Extract<Answer<T>, { kind: 'done' }> {
    if (answer.kind === 'done') {
      this.failure.value = undefined
      return true
    }
    if (answer.kind === 'refused' && answer.problem.status === 401) this.access.value = { kind: 'stranger' }
    this.failure.value = answer.kind === 'refused' ? answer.problem.detail : words.failed
    return false
  }
}

function problemOf(hadSecret: boolean, status: number): { readonly problem?: string } {
  if (status === 429) return { problem: words.signIn.tooMany }
  return hadSecret ? { problem: words.signIn.refused } : {}
}

function readSecret(): string | undefined {
  return new URLSearchParams(location.hash.slice(1)).get(LINK_FRAGMENT.operator) || undefined
}
