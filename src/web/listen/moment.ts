// A moment of the program, as a link has it: `?t=754` is 754 s after the program's start, live and in the replay alike,
// since media time is the wall clock's (decision 0004). While it is live the link leads to the live program, and to that
// moment once there is a replay.

const PARAMETER = 't'
/** A day and a half: no program is longer. */
const MOMENT_SECONDS_MAX = 129_600
/** Who shares has just heard it: the link begins a little before. */
const LEAD_SECONDS = 5

/** Seconds after the program's start; undefined without a moment, or with one that is none. */
export function momentIn(search: string): number | undefined {
  const text = new URLSearchParams(search).get(PARAMETER) ?? ''
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0
  return seconds > 0 && seconds <= MOMENT_SECONDS_MAX ? seconds : undefined
}

/** Where a link to what is heard at `seconds` after the start begins. */
export function momentToShare(seconds: number): number {
  return Math.min(MOMENT_SECONDS_MAX, Math.max(0, Math.floor(seconds) - LEAD_SECONDS))
}

/** `page` (without a query) at that moment. */
export function momentLink(page: string, seconds: number): string {
  return seconds > 0 ? `${page}?${PARAMETER}=${seconds}` : page
}
