// What an operator should read of the line: that there is one, how it grows, and that it is over. A pause of a second in
// a storm is no line.

/** There is a line, or none any more, once it has been so for this long. */
const SETTLED_MS = 5_000
/** And again this often while it lasts. */
const AGAIN_MS = 60_000

export class LineWatch {
  #isTold = false
  #since: number | undefined
  #toldAt = 0

  /** Once a second; answers the line for the log, if there is something to say. */
  observe(waiting: number, admittedPerSecond: number, now: number): string | undefined {
    const hasLine = waiting > 0
    if (hasLine === this.#isTold) {
      this.#since = undefined
      if (!hasLine || now - this.#toldAt < AGAIN_MS) return undefined
      this.#toldAt = now
      return describe(waiting, admittedPerSecond)
    }
    this.#since ??= now
    if (now - this.#since < SETTLED_MS) return undefined
    this.#isTold = hasLine
    this.#since = undefined
    this.#toldAt = now
    return hasLine ? describe(waiting, admittedPerSecond) : 'the line before the door is over'
  }
}

const describe = (waiting: number, perSecond: number): string =>
  `the house is full: ${waiting} wait in line, ${perSecond.toFixed(1)} come in per second`
