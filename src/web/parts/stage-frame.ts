// What the listening page and the stage page inside it say to each other. The listening page greets first, so that
// the frame learns whom it may answer; each end takes a message only from the other's window and origin.

/** The query of a stage page that is shown inside the listening page. */
export const INSIDE_QUERY = '?inside'

/** Where the stage page is: its own states, and one more. */
export type FrameScreen =
  | 'loading'
  | 'green-room'
  | 'joining'
  | 'returning'
  | 'on-stage'
  | 'reconnecting'
  | 'unreachable'
  /** The browser sends the stage no cookies here: the seat must be taken in a tab of its own. */
  | 'cookies-blocked'
  /** It is over; nothing is left to do in the frame. */
  | 'over'
  /** The invitation was used before, or its time has passed. */
  | 'too-late'

const SCREENS: readonly string[] = [
  'loading',
  'green-room',
  'joining',
  'returning',
  'on-stage',
  'reconnecting',
  'unreachable',
  'cookies-blocked',
  'over',
  'too-late',
] satisfies readonly FrameScreen[]

/** From the listening page to the frame. */
export const GREETING = { mimbar: 'listening' } as const

export function isGreeting(data: unknown): boolean {
  return fieldsOf(data).mimbar === GREETING.mimbar
}

/** From the frame to the listening page. */
export const screenMessage = (screen: FrameScreen) => ({ mimbar: 'stage', screen }) as const

/** The screen that a message tells; undefined when it is no message of ours. */
export function readScreen(data: unknown): FrameScreen | undefined {
  const { mimbar, screen } = fieldsOf(data)
  if (mimbar !== 'stage' || typeof screen !== 'string') return undefined
  return SCREENS.includes(screen) ? (screen as FrameScreen) : undefined
}

function fieldsOf(data: unknown): { readonly mimbar?: unknown; readonly screen?: unknown } {
  return typeof data === 'object' && data !== null ? data : {}
}
