// Every setting of Mimbar, with its unit, default and reason.

import { availableParallelism } from 'node:os'

/** What a setting may be. */
export type Value = string | number | boolean

/** A setting as `--help`, the docs and the parser know it. */
export interface Setting<T extends Value = Value> {
  readonly flag: string
  /** What the value is, in words or as a unit. */
  readonly unit: string
  readonly default: T
  readonly reason: string
  /** For numbers: the smallest and the largest that make sense. */
  readonly range?: readonly [min: number, max: number]
}

function setting<T extends Value>(
  flag: string,
  unit: string,
  value: T,
  reason: string,
  range?: readonly [number, number],
): Setting<T> {
  return { flag, unit, default: value, reason, ...(range === undefined ? {} : { range }) }
}

export const PORTS = [1, 65_535] as const

/** In the order in which `--help` lists them. */
export const SETTINGS = {
  host: setting('host', 'IP address', '0.0.0.0', 'Where both doors and the stages listen.'),
  port: setting('port', 'TCP port', 8080, 'The public door: pages, streams, the public API.', PORTS),
  studioPort: setting('studio-port', 'TCP port', 8081, 'The studio door: what people with a seat do.', PORTS),
  publicUrl: setting(
    'public-url',
    'URL',
    '',
    'How people reach the public door. Links are made from it; by default http(s)://localhost:<port>.',
  ),
  studioUrl: setting('studio-url', 'URL', '', 'How people reach the studio door, likewise.'),
  data: setting('data', 'folder', './data', 'Everything Mimbar keeps. Back it up and you have everything.'),
  edges: setting(
    'edges',
    'processes',
    Math.max(2, availableParallelism()),
    'One per core; at least two, so that one may die unheard.',
    [1, 128],
  ),
  stages: setting('stages', 'processes', 2, 'Each stands by for the other.', [1, 16]),
  stageUdpPort: setting(
    'stage-udp-port',
    'UDP port',
    7000,
    'Of the first stage; the next ones take the ports after it. Below the ephemeral range, where any client may sit.',
    PORTS,
  ),
  announcedAddress: setting(
    'announced-address',
    'IP address',
    '',
    'Where browsers send sound when this machine is behind NAT.',
  ),
  turnUrl: setting(
    'turn-url',
    'turn: or turns: addresses, with commas',
    '',
    'A TURN relay, such as coturn with use-auth-secret, for speakers whose network lets no UDP out. Each stage then takes another UDP port, for the relay to send to: after those of --stage-udp-port.',
  ),
  turnSecret: setting(
    'turn-secret',
    'text',
    '',
    'What the relay calls static-auth-secret. Better set in the environment than on the command line.',
  ),
  tlsCert: setting('tls-cert', 'PEM file', '', 'Certificate chain for both doors; re-read when it changes.'),
  tlsKey: setting('tls-key', 'PEM file', '', 'Its private key.'),
  http2: setting(
    'http2',
    'switch',
    false,
    "The public door also speaks HTTP/2, if it has a certificate. Apple's players want it before they play HLS at low latency. Bun calls it experimental, and a part costs a tenth more.",
  ),
  domain: setting(
    'domain',
    'name',
    '',
    'Obtains and renews a certificate for this name by ACME, and answers on https (--port becomes 443). You agree to the terms of the certificate authority. The name has to point to this machine, and the world has to reach --http-port as port 80.',
  ),
  studioDomain: setting(
    'studio-domain',
    'name',
    '',
    'Another name for the studio door; by default --domain.',
  ),
  httpPort: setting(
    'http-port',
    'TCP port',
    80,
    'With --domain: only sends browsers on to https, and proves to the certificate authority that the name is yours.',
    PORTS,
  ),
  acmeDirectory: setting(
    'acme-directory',
    'https URL',
    'https://acme-v02.api.letsencrypt.org/directory',
    'Of the certificate authority. For rehearsing: https://acme-staging-v02.api.letsencrypt.org/directory.',
  ),
  acmeCa: setting('acme-ca', 'PEM file', '', 'A root to trust, for a certificate authority of your own.'),
  acmeEmail: setting('acme-email', 'address', '', 'Where the certificate authority may write to; optional.'),
  flushMs: setting(
    'flush-ms',
    'ms',
    200,
    'How often an edge writes to a listener at best. Under load it writes less often, down to every 2 s: that carries more listeners per core, later.',
    [200, 2_000],
  ),
  egressBpsMax: setting(
    'egress-bps-max',
    'bit/s',
    0,
    'What this machine may send; 0: unknown, no limit. 15 % are kept for the stage. Near it, arrivals get the low-bitrate track, then wait. "mimbar doctor" proposes one.',
    [0, 1e12],
  ),
  listenersMax: setting(
    'listeners-max',
    'listeners',
    0,
    'More get a place in the line. 0: as many as this machine can carry.',
    [0, 10_000_000],
  ),
  abandonedEndMin: setting(
    'abandoned-end-min',
    'minutes',
    30,
    'A space on air whose stage is empty for so long ends by itself; pages announce it, and any return calls it off. 0: never.',
    [0, 10_080],
  ),
  trustedProxies: setting(
    'trusted-proxies',
    'IP addresses or prefixes, divided by commas',
    '',
    'Proxies and CDNs in front of a door: clients’ addresses are taken from their X-Forwarded-For or Forwarded.',
  ),
  addressJoins: setting(
    'address-joins',
    'joins per second',
    50,
    'From one address, at each edge; faster ones wait in line. Networks (/24, /48) have eight times as many.',
    [1, 1_000_000],
  ),
  addressRequests: setting(
    'address-requests',
    'requests per second',
    500,
    'From one address, at each edge; beyond it 429. Networks likewise.',
    [1, 1_000_000],
  ),
  addressStreams: setting(
    'address-streams',
    'listeners',
    10_000,
    'At the same time from one address, at each edge: thousands of phones share one at a mobile carrier.',
    [1, 10_000_000],
  ),
  rehearsalKey: setting(
    'rehearsal-key',
    'text, 16 characters or more',
    '',
    'Who knows it may rehearse with synthetic listeners ("mimbar rehearse"); without one, nobody may. Better set in the environment than on the command line, where other users of the machine can read it.',
  ),
  hostAwayS: setting(
    'host-away-s',
    's',
    10,
    'When the host has not been connected for longer, the first co-host who is there, else the first speaker, holds the room until the host is back. Long enough for a reload or a change of network.',
    [5, 3_600],
  ),
  alarmWebhook: setting(
    'alarm-webhook',
    'https URL',
    '',
    'Where alarms are posted as JSON: stage down, standby missing, edge lost, disk or capacity at 80 %, … http only to this machine or a private network. "mimbar alarm-test" tries it.',
  ),
  alarmWebhookSecret: setting(
    'alarm-webhook-secret',
    'text, 16 characters or more',
    '',
    'Signs what is posted there (Standard Webhooks: whsec_ and base64, or any text). Better set in the environment or in mimbar.toml.',
  ),
  demo: setting('demo', 'switch', false, 'Opens the space `demo`, in which two recorded voices talk.'),
} as const
