// What the two demo voices say: our own words, spoken by espeak-ng (`scripts/make-demo-voices.ts`).

/** Who takes part in the demo. */
export type DemoVoice = 'ana' | 'budi'

/** One turn; `pauseMs` is the silence before it. */
export interface Turn {
  readonly voice: DemoVoice
  readonly pauseMs: number
  readonly text: string
}

/** About a minute and a quarter; it ends so that it can begin again. */
export const CONVERSATION: readonly Turn[] = [
  { voice: 'ana', pauseMs: 400, text: 'Good evening, Budi. Can you hear me?' },
  { voice: 'budi', pauseMs: 350, text: 'Loud and clear, Ana. Where are we, exactly?' },
  {
    voice: 'ana',
    pauseMs: 400,
    text: 'On a mimbar. It is an Indonesian word, for the raised place from which one speaks to a crowd.',
  },
  { voice: 'budi', pauseMs: 350, text: 'A crowd? I see only you.' },
  {
    voice: 'ana',
    pauseMs: 300,
    text: 'The crowd is out there. A few people talk on the stage, in their browsers, and anyone may listen. Ten people, or a million.',
  },
  { voice: 'budi', pauseMs: 450, text: 'And all of them hear this now?' },
  {
    voice: 'ana',
    pauseMs: 300,
    text: 'About one second after you say it. Our voices are mixed, cut into parts of a fifth of a second, and written to a log.',
  },
  { voice: 'budi', pauseMs: 350, text: 'So the broadcast is a file that keeps growing.' },
  {
    voice: 'ana',
    pauseMs: 300,
    text: 'Just so. Whoever loses the connection comes back to the next part, and misses nothing. And when we are done, the log is the recording.',
  },
  { voice: 'budi', pauseMs: 500, text: 'What if the machine falls over while I am speaking?' },
  {
    voice: 'ana',
    pauseMs: 350,
    text: 'Then another one takes over. For a moment you hear a quiet bell, and then you hear me again.',
  },
  { voice: 'budi', pauseMs: 400, text: 'I should like to try that. And who owns all of it?' },
  {
    voice: 'ana',
    pauseMs: 300,
    text: 'You do. It runs on your own computer, and it starts with a single command.',
  },
  {
    voice: 'budi',
    pauseMs: 450,
    text: 'Then let us open the doors. Shall we begin again, for those who came late?',
  },
  { voice: 'ana', pauseMs: 400, text: 'Gladly. From the top.' },
]
