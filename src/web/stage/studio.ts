// The page's one state: which screen is shown, and why. It decides about links and seats; what happens on stage
// is the session's.

import { computed, effect, signal } from '@preact/signals'
import { parseSpaceId, type SpaceId } from '../../base/ids.ts'
import type { PublicSpace, Seat, StagePageData } from '../../core/api/api.ts'
import { strongerRole } from '../../core/seat/rights.ts'
import type { SoundFinding } from '../../core/sound-check/sound-check.ts'
import { call, isStranger } from '../api/call.ts'
import { type LinkSecret, readLinkSecret, readSpaceId } from './link.ts'
import { words } from './messages.en.ts'
import { isMicrophoneGranted, type Microphone } from './microphone/microphone.ts'
import { MyMicrophone } from './microphone/my-microphone.ts'
import { MySpeaker } from './microphone/my-speaker.ts'
import {
  forgetSeat,
  markOnStage,
  recallFindings,
  recallSeat,
  rememberFindings,
  rememberName,
  rememberSeat,
  wasOnStage,
} from './seat-memory.ts'
import { SoundCheck } from './sound-check/sound-check.ts'
import { tellSoundCheck } from './sound-check/tell-sound-check.ts'
import { type SessionEnd, StageSession } from './stage-session.ts'

export type Screen =
  | { readonly kind: 'loading' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'needs-link'; readonly why: 'none' | 'refused' | 'lost' }
  /** With a seat when this browser holds one already: then there is nothing to exchange. */
  | { readonly kind: 'green-room'; readonly link?: LinkSecret; readonly seat?: Seat }
  /** On stage before a reload; the browser wants a press before the microphone may open again. */
  | { readonly kind: 'returning'; readonly seat: Seat; readonly isRestored?: boolean }
  | { readonly kind: 'on-stage'; readonly session: StageSession }
  /** The same seat is held elsewhere; only another tab of this browser can be asked to give it back. */
  | { readonly kind: 'replaced'; readonly seat: Seat; readonly by: 'tab' | 'device' }
  | { readonly kind: 'left' }
  | { readonly kind: 'removed' }
  | { readonly kind: 'ended' }

/** An unreachable server is asked again this often. */
const ASK_AGAIN_MS = 3_000
/** Whoever removed a person can undo it for 10 s; the word of it may take a little longer. */
const RESTORED_WITHIN_MS = 20_000
const ASK_RESTORED_EVERY_MS = 1_500

export class Studio {
  readonly screen = signal<Screen>({ kind: 'loading' })
  readonly space = signal<PublicSpace | undefined>(undefined)
  readonly microphone: MyMicrophone
  readonly speaker: MySpeaker
  readonly soundCheck: SoundCheck
  readonly isJoining = signal(false)
  /** Why joining failed, in the server's words. */
  readonly joinFailure = signal<string | undefined>(undefined)
  /** For tests and styles: the screen, and on stage how the connection is. */
  readonly stateName = computed(() => {
    const screen = this.screen.value
    if (screen.kind === 'green-room' && this.isJoining.value) return 'joining'
    if (screen.kind !== 'on-stage') return screen.kind
    const connection = screen.session.connection.value
    if (connection === 'connected') return 'on-stage'
    return connection === 'reconnecting' ? 'reconnecting' : 'joining'
  })
  readonly #publicUrl: string
  readonly #sound: HTMLAudioElement
  readonly #spaceId: SpaceId | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: { readonly data: Partial<StagePageData>; readonly sound: HTMLAudioElement }) {
    this.#sound = options.sound
    this.#publicUrl = options.data.publicUrl ?? location.origin
    this.space.value = options.data.space
    const id = readSpaceId(location.pathname)
    this.#spaceId = id === undefined ? undefined : parseSpaceId(id)
    this.microphone = new MyMicrophone(new URLSearchParams(location.search).has('raw') ? 'raw' : 'voice')
    this.speaker = new MySpeaker(options.sound)
    this.soundCheck = new SoundCheck({
      sound: options.sound,
      found: this.#spaceId && recallFindings(this.#spaceId),
      onJudged: (found) => this.#noteFindings(found),
    })
    this.#followMicrophone()
    // A link pasted into this tab's address bar changes only the fragment: the page is not loaded anew.
    window.addEventListener('hashchange', () => {
      if (this.screen.value.kind !== 'on-stage' && readLinkSecret(location.hash)) void this.begin()
    })
  }

  get listenUrl(): string {
    return `${this.#publicUrl}/s/${this.#spaceId}`
  }

  /** Finds out where this person stands. Runs at load, and again when a link is pasted or the server was away. */
  async begin(): Promise<void> {
    clearTimeout(this.#timer)
    const space = this.#spaceId
    if (space === undefined) return this.#show({ kind: 'not-found' })
    const known = await call<PublicSpace>('GET', `/api/v1/spaces/${space}`)
    if (known.kind === 'refused' && known.problem.status === 404) return this.#show({ kind: 'not-found' })
    if (known.kind !== 'done') return this.#askAgain()
    this.space.value = known.value
    if (known.value.phase === 'ended') return this.#show({ kind: 'ended' })
    const seat = await this.#findSeat(space)
    if (seat === 'unknown') return this.#askAgain()
    const link = readLinkSecret(location.hash)
    // A link that makes one more than the seat one has is worth exchanging.
    const isMore =
      link !== undefined && seat !== undefined && strongerRole(link.role, seat.role) !== seat.role
    if (seat === undefined || isMore) {
      if (link !== undefined) return this.#show({ kind: 'green-room', link })
      return this.#show({ kind: 'needs-link', why: recallSeat(space) === undefined ? 'none' : 'lost' })
    }
    if (wasOnStage(space, seat.id)) return await this.#goBack(seat)
    this.#show({ kind: 'green-room', seat, ...(link === undefined ? {} : { link }) })
  }

  /** The green room's button: exchanges the link for a seat, unless there is one already. */
  async join(name: string): Promise<void> {
    const screen = this.screen.value
    const microphone = this.microphone.state.value
    if (screen.kind !== 'green-room' || microphone.kind !== 'open' || this.isJoining.value) return
    this.isJoining.value = true
    this.joinFailure.value = undefined
    const seat = screen.seat ?? (screen.link && (await this.#takeSeat(screen.link, name)))
    this.isJoining.value = false
    if (seat !== undefined) this.#enter(seat)
  }

  /** The green room's sound check; by a press. Joining does not wait for it. */
  checkSound(): void {
    const screen = this.screen.value
    const microphone = this.microphone.state.value
    if (screen.kind !== 'green-room' || microphone.kind !== 'open') return
    this.soundCheck.start({
      url: `/api/v1/spaces/${this.#spaceId}/stage/check`,
      relaysUrl: `/api/v1/spaces/${this.#spaceId}/stage/relays`,
      bearer: screen.seat === undefined ? screen.link?.secret : undefined,
      microphone: microphone.microphone,
      isSilenced: () => this.microphone.trouble.value !== 'none',
    })
  }

  /** What was found holds for the microphone that it was found with. */
  #followMicrophone(): void {
    let used: Microphone | undefined
    effect(() => {
      const state = this.microphone.state.value
      if (state.kind === 'open') {
        if (used !== undefined && used !== state.microphone) this.#forgetFindings()
        used = state.microphone
      }
      // Who has a seat and no microphone cannot check; who runs the room should know all the same.
      if (state.kind === 'failed' && state.why === 'denied') this.#noteFindings(['no-permission'])
    })
  }

  #forgetFindings(): void {
    this.soundCheck.stop()
    if (this.#spaceId !== undefined) rememberFindings(this.#spaceId, undefined)
  }

  /** Remembered for the seat that is taken later, and told at once when there is one. */
  #noteFindings(found: readonly SoundFinding[]): void {
    const screen = this.screen.peek()
    if (this.#spaceId !== undefined) rememberFindings(this.#spaceId, found)
    if ('seat' in screen && screen.seat !== undefined) void tellSoundCheck(screen.seat, found)
  }

  /** Gives up the seat that this browser holds, for another person at the same browser. */
  becomeSomebodyElse(): void {
    const screen = this.screen.value
    if (screen.kind === 'green-room' && screen.link !== undefined) {
      this.#show({ kind: 'green-room', link: screen.link })
    }
  }

  /** One press brings a person back: opens the microphone and enters. */
  async comeBack(seat: Seat): Promise<void> {
    const current = await call<Seat>('GET', `/api/v1/spaces/${seat.space}/seats/${seat.id}`)
    if (current.kind !== 'done') return await this.begin()
    if ((await this.microphone.open()) !== undefined) this.#enter(current.value)
  }

  async #goBack(seat: Seat): Promise<void> {
    if (await isMicrophoneGranted()) {
      if ((await this.microphone.open()) !== undefined) return this.#enter(seat)
    }
    this.#show({ kind: 'returning', seat })
  }

  async #takeSeat(link: LinkSecret, name: string): Promise<Seat | undefined> {
    const body = { secret: link.secret, name: name.trim() }
    rememberName(body.name)
    const answer = await call<Seat>('POST', `/api/v1/spaces/${this.#spaceId}/seats`, { body })
    if (answer.kind === 'done') {
      rememberSeat(answer.value.space, answer.value.id)
      return answer.value
    }
    if (answer.kind === 'unreachable') this.joinFailure.value = words.failed.unreachable
    else if (isStranger(answer)) this.#show({ kind: 'needs-link', why: 'refused' })
    else this.joinFailure.value = answer.problem.detail
    return undefined
  }

  #enter(seat: Seat): void {
    const microphone = this.microphone.state.value
    if (microphone.kind !== 'open') return
    // Only now: until the exchange has succeeded, a reload must still find the secret in the address.
    history.replaceState(null, '', location.pathname + location.search)
    this.soundCheck.stop()
    const found = recallFindings(seat.space)
    if (found !== undefined && seat.soundCheck?.found.join() !== found.join())
      void tellSoundCheck(seat, found)
    markOnStage(seat.space, seat.id)
    const session = new StageSession({
      seat,
      microphone: microphone.microphone,
      sound: this.#sound,
      onEnd: (why) => this.#leaveStage(why, session),
    })
    this.#show({ kind: 'on-stage', session })
  }

  #leaveStage(why: SessionEnd, session: StageSession): void {
    this.microphone.close()
    const { seat } = session
    this.space.value = session.view.value?.space ?? this.space.value
    markOnStage(seat.space, undefined)
    if (why === 'taken-by-tab') {
      this.#show({ kind: 'replaced', seat, by: 'tab' })
      return
    }
    forgetSeat(seat.space)
    this.#show(why === 'taken-by-device' ? { kind: 'replaced', seat, by: 'device' } : { kind: why })
    if (why === 'ended') void this.#refreshSpace()
    if (why === 'removed') void this.#awaitRestoration(seat)
  }

  /** A removal can be taken back for a while; then this page offers the way back. It opens no microphone by itself. */
  async #awaitRestoration(seat: Seat): Promise<void> {
    for (const until = performance.now() + RESTORED_WITHIN_MS; performance.now() < until; ) {
      await new Promise((resolve) => setTimeout(resolve, ASK_RESTORED_EVERY_MS))
      if (this.screen.value.kind !== 'removed') return
      const answer = await call<Seat>('GET', `/api/v1/spaces/${seat.space}/seats/${seat.id}`)
      if (answer.kind !== 'done' || this.screen.value.kind !== 'removed') continue
      rememberSeat(seat.space, seat.id)
      return this.#show({ kind: 'returning', seat: answer.value, isRestored: true })
    }
  }

  /** Whether there is a replay is known a moment after the end. */
  async #refreshSpace(): Promise<void> {
    const space = await call<PublicSpace>('GET', `/api/v1/spaces/${this.#spaceId}`)
    if (space.kind === 'done') this.space.value = space.value
  }

  async #findSeat(space: SpaceId): Promise<Seat | 'unknown' | undefined> {
    const id = recallSeat(space)
    if (id === undefined) return undefined
    const answer = await call<Seat>('GET', `/api/v1/spaces/${space}/seats/${id}`)
    if (answer.kind === 'done') return answer.value
    return isStranger(answer) ? undefined : 'unknown'
  }

  #askAgain(): void {
    this.#show({ kind: 'unreachable' })
    this.#timer = setTimeout(() => void this.begin(), ASK_AGAIN_MS)
  }

  #show(screen: Screen): void {
    this.screen.value = screen
  }
}
