// The listening page: reads the data that the edge wrote into it and connects its pieces. No request is made
// before the first tap, except where the listener was already listening when the page was reloaded.

import type { ListenPageData } from '../../core/api/api.ts'
import { settleLanguage } from '../parts/language-switch.ts'
import { ServerClock } from '../player/server-clock.ts'
import { probeCapabilities } from '../player/support.ts'
import type { Beside } from './beside/main.ts'
import { wireReplay, wireShare, wireVolume } from './controls.ts'
import { savesDataAtFirst, wireDataSaver } from './data-saver.ts'
import { HandButton } from './hand-button.ts'
import { LaterModule } from './later-module.ts'
import { Listening } from './listening.ts'
import { messages } from './messages.en.ts'
import { momentIn } from './moment.ts'
import { ListeningOutcome, tellReport } from './outcome.ts'
import { buttonOf } from './page-state.ts'
import { setText } from './people.ts'
import { PlaceMemory } from './place-memory.ts'
import { byId, View } from './view.ts'

/** Where the script is; put in by the bundler (`src/pages.ts`). */
declare const MIMBAR_BESIDE_PATH: string

/** While nothing plays, clocks still move. */
const CLOCK_MS = 500

await settleLanguage()

const data = JSON.parse(byId('mimbar-data').textContent ?? '') as ListenPageData
const audio = byId<HTMLAudioElement>('sound')
const { title } = data.space

const serverClock = new ServerClock(
  () => performance.now(),
  () => Date.now(),
)
serverClock.learn(data.nowMs, answeredAtMs())

const memory = new PlaceMemory(data.space.id)
const besideScript = new LaterModule<typeof import('./beside/main.ts')>(MIMBAR_BESIDE_PATH)
let beside: Beside | undefined
const listening = new Listening({
  data,
  audio,
  can: probeCapabilities(audio),
  savesData: savesDataAtFirst(),
  serverClock,
  memory,
  momentSeconds: momentIn(location.search),
  changed: () => {
    showAll()
    outcome.see(listening.state, listening.program.phase, listening.status)
  },
  reacted: (counts) => beside?.reacted(counts),
})
const view = new View({
  listening,
  words: messages,
})

const outcome = new ListeningOutcome({
  now: () => performance.now(),
  tell: (report) => tellReport(data.space.id, report),
})
addEventListener('pagehide', () => outcome.left())

wireVolume(audio, messages)
wireShare(title, messages)
wireReplay(audio, messages)
wireDataSaver(listening, messages)
let isOnStage = false
const hands = new HandButton({
  space: data.space.id,
  title,
  studioUrl: data.studioUrl,
  section: byId('hands'),
  words: messages,
  stopListening: () => {
    pause()
    isOnStage = true
  },
  goOnListening: () => {
    isOnStage = false
    playLive()
    showHands()
  },
})
byId('play').addEventListener('click', () => {
  if (buttonOf(listening.state) === 'pause') pause()
  else play()
})
byId<HTMLInputElement>('hold-sound').addEventListener('change', ({ currentTarget }) => {
  listening.holdSound((currentTarget as HTMLInputElement).checked)
})
byId('leave-line').addEventListener('click', stop)
byId('back-to-live').addEventListener('click', () => {
  listening.backToLive()
  showAll()
})
byId('share-moment').addEventListener('click', () => {
  loadBeside().then(
    (loaded) => loaded.shareMoment(),
    () => undefined, // the page's own link is a press away
  )
})
byId('problem').addEventListener('click', () => {
  const label = byId('problem').lastElementChild
  setText(label, messages.problem)
  void loadBeside().then(
    (loaded) => loaded.report(),
    () => setText(label, messages.problemFailed),
  )
})
setInterval(() => {
  showAll()
  showHands()
}, CLOCK_MS)
showAll()
showHands()
if (wasListening()) play()

function showAll(): void {
  view.show()
  beside?.show()
}

/** The lock screen, reactions and the rest: needed once somebody listens, and not before. */
async function loadBeside(): Promise<Beside> {
  const { mountBeside } = await besideScript.load()
  beside ??= mountBeside({
    data,
    audio,
    listening,
    outcome,
    ticket: () => memory.ticket,
    act: { play: playLive, pause, stop: () => (listening.mode === 'replay' ? pause() : stop()) },
  })
  return beside
}

function showHands(): void {
  const { handsOpen, phase } = listening.program
  hands.show(handsOpen === true && (phase === 'live' || phase === 'lobby'), phase === 'ended')
}

function play(): void {
  // The lock screen's button, too: one would hear oneself a second late.
  if (isOnStage) return
  outcome.pressed()
  listening.press()
  remember(true)
  // What isn't there yet is missed by nobody for long; the next press tries again.
  loadBeside().catch(() => undefined)
  showAll()
}

/** From the lock screen or the headphones there is no other way back to live. */
function playLive(): void {
  if (isOnStage) return
  play()
  if (listening.mode === 'live') listening.backToLive()
}

function stop(): void {
  listening.stop()
  remember(false)
  showAll()
}

function pause(): void {
  // From the lock screen: whoever waits in line wants quiet, and keeps the place.
  if (listening.state === 'waiting') {
    listening.holdSound(false)
    return
  }
  listening.pause()
  remember(false)
  showAll()
}

/** When the page's data was true, on the clock of `performance.now()`. */
function answeredAtMs(): number {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return navigation?.responseStart ?? performance.now()
}

/** Whether this tab was listening to this space when it was reloaded. */
function wasListening(): boolean {
  try {
    return sessionStorage.getItem('mimbar.listening') === data.space.id && data.space.phase !== 'ended'
  } catch {
    // Storage may be forbidden; then a reload takes one more tap.
    return false
  }
}

function remember(isListening: boolean): void {
  try {
    if (isListening) sessionStorage.setItem('mimbar.listening', data.space.id)
    else sessionStorage.removeItem('mimbar.listening')
  } catch {
    // As above.
  }
}
