// What the listening page says and offers where no script runs, written by the edge: whether it is recorded, and how
// to hear it.

import type { PublicSpace } from '../api/api.ts'
import type { Wording } from './announcement-html.ts'
import { doorWords } from './door-words.ts'
import { escapeHtml } from './escape-html.ts'

/** Whether it is recorded, in a sentence, and links that play without a script, if there is something to play. */
export function noScriptHtml(space: PublicSpace, { say }: Wording): string {
  const { id, phase, replay } = space
  const sentence = (text: string) => `<p>${escapeHtml(say(text))}</p>`
  const recorded = sentence(recordedWords(space))
  if (phase === 'ended' && !replay) return sentence(doorWords.ended) + recorded
  const [folder, file, label] = replay
    ? [`/replay/${id}`, 'recording.ogg', doorWords.recordingLink]
    : [`/live/${id}`, 'opus.ogg', doorWords.streamLink]
  const first = `<a class="button primary" href="${folder}/${file}">${escapeHtml(say(label))}</a>`
  const second = `<a class="button" href="${folder}/index.m3u8">HLS</a>`
  return `${recorded}${sentence(doorWords.noScript)}<p>${first} ${second}</p>`
}

function recordedWords({ phase, recorded, withheld }: PublicSpace): string {
  switch (phase) {
    case 'ended':
      if (withheld === true) return doorWords.withheld
      return recorded ? doorWords.recordedAfter : doorWords.notRecordedAfter
    case 'live':
      return recorded ? doorWords.recordedNow : doorWords.notRecordedNow
    default:
      return recorded ? doorWords.recordedBefore : doorWords.notRecordedBefore
  }
}
