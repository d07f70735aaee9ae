// What the listening page says and offers where no script runs, written by the edge: how to hear it, and whether it is
// recorded.

import type { PublicSpace } from '../api/api.ts'
import type { Wording } from './announcement-html.ts'
import { doorWords } from './door-words.ts'
import { escapeHtml } from './escape-html.ts'

/** Links that play without a script, if there is something to play, and whether it is recorded, in a sentence. */
export function noScriptHtml(space: PublicSpace, words: Wording): string {
  return `${waysHtml(space, words)}<p>${escapeHtml(words.say(recordedWords(space)))}</p>`
}

function waysHtml({ id, phase, replay }: PublicSpace, { say }: Wording): string {
  const sentence = (text: string) => `<p>${escapeHtml(say(text))}</p>`
  const links = (folder: string, file: string, label: string) =>
    `<p><a class="button primary" href="${folder}/${file}">${escapeHtml(say(label))}</a> ` +
    `<a class="button" href="${folder}/index.m3u8">HLS</a></p>`
  if (phase !== 'ended') {
    return sentence(doorWords.noScript) + links(`/live/${id}`, 'opus.ogg', doorWords.streamLink)
  }
  if (!replay) return sentence(doorWords.ended)
  return sentence(doorWords.noScript) + links(`/replay/${id}`, 'recording.ogg', doorWords.recordingLink)
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
