// `mimbar help`: written from the settings themselves, so that it cannot lag behind them.

import { environmentName, SETTINGS, type Setting } from '../config.ts'

const WIDTH = 88

export const HELP = `Mimbar: a few people talk on a stage in their browsers, and anyone listens.

  mimbar start [settings]       Runs Mimbar on this machine until you press Ctrl-C.
  mimbar links <space> [host|speaker]
                                Makes new links for a space; the old ones stop working at once.
  mimbar links --operator       Makes a new operator link, likewise.
  mimbar doctor [settings]      Looks whether this machine can do it, and says what to mend.
  mimbar help                   This page.

In a checkout, "npm start -- --port 8080" is "npx mimbar start --port 8080".

Settings come from flags, then the environment, then ./mimbar.toml (port = 8080), then these defaults:

${Object.values(SETTINGS).map(describe).join('\n')}

Examples
  npm start -- --demo                            Hear something within ten seconds.
  npm start -- --port 80 --public-url http://radio.example.org
  npm start -- --tls-cert chain.pem --tls-key key.pem --public-url https://radio.example.org \\
               --studio-url https://radio.example.org:8081
`

function describe(spec: Setting): string {
  const value = typeof spec.default === 'boolean' ? '' : ` <${spec.unit}>`
  const fallback = spec.default === '' ? 'none' : spec.default === false ? 'off' : String(spec.default)
  const text = `${spec.reason} Default: ${fallback}. ${environmentName(spec.flag)}`
  return `  --${spec.flag}${value}\n${wrap(text, '      ')}`
}

function wrap(text: string, indent: string): string {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string
    if (line.length + word.length + 1 > WIDTH - indent.length) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => indent + line).join('\n')
}
