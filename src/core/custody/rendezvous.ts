// Which stage should have a space, agreed on by everyone without a word: rendezvous hashing (Thaler and Ravishankar).
// When a stage goes, only its own spaces move.

/** `stages` in the order in which they should take `space`; the first one serves, the next one stands by. */
export function rendezvousOrder(space: string, stages: readonly string[]): readonly string[] {
  return stages
    .map((stage) => ({ stage, score: score(`${space}/${stage}`) }))
    .sort((a, b) => b.score - a.score || (a.stage < b.stage ? -1 : 1))
    .map(({ stage }) => stage)
}

/** FNV-1a over the UTF-16 units, then MurmurHash3's finalizer, because FNV alone hardly mixes a last digit. */
function score(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
