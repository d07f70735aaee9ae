// Debian's nginx as a CDN would be: a caching proxy that lets one request of many through to the origin. It runs as
// whoever tests, out of a temporary folder, and goes with `stop`.

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomPort } from './random-port.ts'
import { until } from './until.ts'

/** Where Debian has it; not on everybody's PATH. */
const NGINX = Bun.which('nginx') ?? '/usr/sbin/nginx'

// The key has the query: directives ask for other playlists. The lock holds as long as an edge may (6 s), and a
// revalidation is no reason to ask twice.
const config = (folder: string, port: number, originPort: number) => `
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  proxy_cache_path ${folder}/cache levels=1:2 keys_zone=live:4m inactive=1m use_temp_path=off;
  upstream edge { server 127.0.0.1:${originPort}; keepalive 32; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://edge;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_cache live;
      proxy_cache_key $uri$is_args$args;
      proxy_cache_lock on;
      proxy_cache_lock_age 8s;
      proxy_cache_lock_timeout 8s;
      proxy_cache_use_stale updating;
      proxy_read_timeout 8s;
      add_header X-Cache $upstream_cache_status always;
    }
  }
}
`

export class NginxCache {
  readonly port: number
  readonly #folder: string
  readonly #process: Bun.Subprocess

  /** Resolves once it passes requests on to the origin on `originPort`. */
  static async start(originPort: number): Promise<NginxCache> {
    const folder = await mkdtemp(join(tmpdir(), 'mimbar-nginx-'))
    await mkdir(join(folder, 'cache'))
    const port = randomPort()
    await Bun.write(join(folder, 'nginx.conf'), config(folder, port, originPort))
    const nginx = new NginxCache(folder, port)
    try {
      await until('nginx answers', async () => {
        if (nginx.#process.exitCode !== null) {
          throw new Error(`nginx ended: ${await Bun.file(join(folder, 'error.log')).text()}`)
        }
        return (await fetch(nginx.url('/healthz')).catch(() => undefined))?.ok === true
      })
    } catch (error) {
      await nginx.stop()
      throw error
    }
    return nginx
  }

  private constructor(folder: string, port: number) {
    this.port = port
    this.#folder = folder
    this.#process = Bun.spawn(
      [NGINX, '-e', join(folder, 'error.log'), '-p', folder, '-c', join(folder, 'nginx.conf')],
      { stdout: 'ignore', stderr: 'ignore', stdin: 'ignore' },
    )
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGQUIT')
    const late = setTimeout(() => this.#process.kill('SIGKILL'), 2_000)
    await this.#process.exited
    clearTimeout(late)
    await rm(this.#folder, { recursive: true, force: true })
  }
}
