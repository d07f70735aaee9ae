import { describe, expect, test } from 'bun:test'
import { millis } from '../../base/units.ts'
import { HeldRequests, HOLD_MAX_MS, HoldingRoom } from './held-requests.ts'

describe('held requests', () => {
  test('wait for what they ask for, and not for less', async () => {
    const room = new HoldingRoom(10)
    const held = new HeldRequests(room)
    const [near, far] = [held.hold(5, millis(0)), held.hold(7, millis(0))]
    expect(room.held).toBe(2)
    held.reached(6)
    expect(await near).toBe('there')
    expect(room.held).toBe(1)
    held.reached(9)
    expect(await far).toBe('there')
    expect(room.held).toBe(0)
  })

  test('are let go in vain after three target durations at most, and after two and a half at least', async () => {
    for (const arrivedAt of [0, 1, 999, 1_500]) {
      const held = new HeldRequests(new HoldingRoom(1))
      let outcome: string | undefined
      void held.hold(5, millis(arrivedAt)).then((how) => {
        outcome = how
      })
      held.expire(millis(arrivedAt + 0.8 * HOLD_MAX_MS))
      await Promise.resolve()
      expect(outcome).toBeUndefined()
      held.expire(millis(arrivedAt + HOLD_MAX_MS))
      await Bun.sleep(0)
      expect(outcome).toBe('late')
    }
  })

  test('are turned away when the room that all spaces share is full, and come in when it has emptied', async () => {
    const room = new HoldingRoom(2)
    const [one, two] = [new HeldRequests(room), new HeldRequests(room)]
    const waiting = [one.hold(1, millis(0)), two.hold(1, millis(0))]
    expect(() => one.hold(1, millis(0))).toThrow('Too many')
    two.reached(1)
    await waiting[1]
    const later = one.hold(2, millis(0))
    expect(room.held).toBe(2)
    one.end()
    expect(await Promise.all([waiting[0], later])).toEqual(['over', 'over'])
    expect(room.held).toBe(0)
  })

  test('are not held once nothing more comes', async () => {
    const held = new HeldRequests(new HoldingRoom(1))
    held.end()
    expect(await held.hold(1, millis(0))).toBe('over')
  })
})
