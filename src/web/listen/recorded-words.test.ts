import { expect, test } from 'bun:test'
import { doorWords } from '../../core/page/door-words.ts'
import { messages } from './messages.en.ts'

test('whether it is recorded is said in the same words with a script and without', () => {
  const { recordedBefore, notRecordedBefore, recordedNow, notRecordedNow, recordedAfter, withheld } =
    doorWords
  expect(messages).toMatchObject({
    recordedBefore,
    notRecordedBefore,
    recordedNow,
    notRecordedNow,
    recordedAfter,
  })
  expect(messages.detail.withheld).toBe(withheld)
})
