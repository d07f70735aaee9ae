// What a fake microphone hears where only "sound or silence" matters.

const RATE_HZ = 48_000
const TONE_HZ = 440

/** One second of 440 Hz, 16-bit mono PCM at 48 kHz in a RIFF file; played over and over it has no seam. */
export function toneWav(): Uint8Array {
  const view = new DataView(new ArrayBuffer(44 + RATE_HZ * 2))
  const text = (at: number, word: string) => {
    for (let i = 0; i < word.length; i++) view.setUint8(at + i, word.charCodeAt(i))
  }
  text(0, 'RIFF')
  view.setUint32(4, 36 + RATE_HZ * 2, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, RATE_HZ, true)
  view.setUint32(28, RATE_HZ * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  text(36, 'data')
  view.setUint32(40, RATE_HZ * 2, true)
  for (let i = 0; i < RATE_HZ; i++) {
    view.setInt16(44 + i * 2, 8_000 * Math.sin((2 * Math.PI * TONE_HZ * i) / RATE_HZ), true)
  }
  return new Uint8Array(view.buffer)
}
