import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasCode } from '../base/errors.ts'
import { ensureDoorKeys, readDoorKeys } from './door-keys.ts'

const folder = mkdtempSync(join(tmpdir(), 'mimbar-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a key is made once, for this user alone, and is the same after every start', () => {
  const file = join(folder, 'made')
  ensureDoorKeys(file)
  const [key] = readDoorKeys(file)
  expect(key?.length).toBe(32)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  ensureDoorKeys(file)
  expect(readDoorKeys(file)).toEqual([key as Uint8Array])
})

test('a new key is put above the old one, which goes on verifying', () => {
  const file = join(folder, 'rotated')
  ensureDoorKeys(file)
  const [old] = readDoorKeys(file)
  ensureDoorKeys(join(folder, 'other'))
  writeFileSync(file, readFileSync(join(folder, 'other'), 'utf8') + readFileSync(file, 'utf8'))
  const keys = readDoorKeys(file)
  expect(keys).toHaveLength(2)
  expect(keys[1]).toEqual(old as Uint8Array)
})

test.each([
  ['nothing', ''],
  ['a short key', 'c2hvcnQ\n'],
  ['five keys', `${Buffer.alloc(32).toString('base64url')}\n`.repeat(5)],
])('a file with %s is refused', (what, text) => {
  const file = join(folder, what)
  writeFileSync(file, text)
  let refusal: unknown
  try {
    readDoorKeys(file)
  } catch (error) {
    refusal = error
  }
  expect(hasCode(refusal, 'bad-request')).toBe(true)
})
