// What the doors themselves write into pages, in English. A language's file translates a sentence under its English
// text, as it does with what stands in the pages' templates (`phrases.ts`).

export const doorWords = {
  homeDescription: 'Live audio: who is on air now, and what comes next.',
  liveNow: 'Live now. Listen in your browser, no account needed.',
  soon: 'Live audio, soon. Listen in your browser, no account needed.',
  replay: 'Listen to the replay in your browser.',
  ended: 'This live audio space has ended.',
  about: 'About',
  withPeople: 'With {{people}}',
  spokenIn: 'In {{language}}',
  calendar: 'Add to calendar',
  countTitle: 'How we count',
  countDescription: 'What a listener is here, when counting begins and stops, and how anyone can check it.',
  noSuchSpace: 'There is no such space',
  nothingHere: 'There is nothing here',
  mistyped: 'The link may be mistyped, or what it led to was removed.',
  notNow: 'Not right now',
  notNowSentence: 'This server is busy or starting. Please try again.',
  operatorTitle: 'Mimbar · operator',
  operatorDescription: 'Make spaces and their links.',
  stageDescription: 'Come onto the stage of this space.',
  noSuchStage: 'There is no space at this address. Check the link, or ask who sent it.',
} as const
