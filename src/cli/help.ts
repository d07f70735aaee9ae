// `mimbar help`: written from the settings themselves, so that it cannot lag behind them.

import { environmentName } from '../config.ts'
import { SETTINGS, type Setting } from '../settings.ts'

const WIDTH = 88

export const HELP = `Mimbar: a few people talk on a stage in their browsers, and anyone listens.

  mimbar start [settings]       Runs Mimbar on this machine until you press Ctrl-C.
  mimbar links <space> [host|cohost|speaker]
                                Makes new links for a space; the old ones stop working at once.
  mimbar links --operator       Makes a new operator link, likewise.
  mimbar rehearse <page> --key <key>
                                Sends synthetic listeners to a Mimbar that was started with
                                --rehearsal-key, and reports what they met; see below.
  mimbar alarm-test             Posts a test alarm to the --alarm-webhook of the Mimbar that runs here.
  mimbar doctor [settings]      Looks whether this machine can do it, and says what to mend.
  mimbar help                   This page.

In a checkout, "npm start -- --port 8080" is "npx mimbar start --port 8080".

Settings come from flags, then the environment, then ./mimbar.toml (port = 8080), then these defaults:

${Object.values(SETTINGS).map(describe).join('\n')}

Rehearse
  mimbar rehearse https://radio.example.org/s/evening --key <key> --listeners 10000 --for 5m
  --key <text>                  Or ${environmentName('rehearsal-key')} in the environment.
  --listeners <count>           Default: 1000. They are never counted as listeners.
  --join storm|ramp             All at once, or evenly --over <time> (half of --for). Default: storm.
  --for <time>                  Such as 30s, 5m, 1h. Default: 1m.
  --churn <percent>             How many leave and come back, per minute.
  --slow <percent>              How many stop reading now and then.
  --hls <percent>               How many poll HLS playlists.
  --vanish <percent>            How many stop reading for ever without hanging up, per minute.
  --probes <count>              Listeners with the whole player's logic. Default: 4.
  --processes <count>           Of the swarm. By default as many as it needs.
  --ca <PEM file>               An authority to trust, for a certificate of your own.
  --json                        The report as JSON on stdout.
  --report <file.html>          The report as a page with charts.
  --attack connections|requests|slow-headers|slow-readers|join-and-leave
                                A hostile crowd beside the listeners, on your own server only:
                                this machine, or --i-own-this-server <host>. --attackers <count>: 200.
  The exit code is 0 when nobody met a gap and everybody had audio within 3 s, 1 when not, and 2 when
  nobody was sent.

Examples
  npm start -- --demo                            Hear something within ten seconds.
  npm start -- --domain radio.example.org        On the open internet, with a certificate.
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
