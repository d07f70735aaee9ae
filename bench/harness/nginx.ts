// nginx as Debian installs it, with one worker, serving the program from files: a file per second, which players ask
// for every second. It is set up as kindly as it can be: no log, open files cached, sendfile, connections kept.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { concatBytes } from '../../src/base/bytes.ts'
import { randomPort } from '../../test/harness/random-port.ts'
import { until } from '../../test/harness/until.ts'
import type { Origin } from './origin.ts'

const PARTS_PER_SECOND = 5
/** The same name each second: what a poller asks for does not depend on when it came. */
const PATH = '/second.mp4'

export class Nginx {
  readonly port: number
  readonly path = PATH
  /** Of the worker, which does all the work. */
  readonly pid: number
  readonly #process: Bun.Subprocess
  readonly #writing: ReturnType<typeof setInterval>

  static async start(origin: Origin, connectionsMax: number): Promise<Nginx> {
    const folder = join(origin.folder, 'nginx')
    const files = join(folder, 'files')
    mkdirSync(files, { recursive: true })
    const writeSecond = () => {
      const parts = origin.parts
        .slice(-PARTS_PER_SECOND)
        .map((part) => part.tracks.get('opus.mp4') as Uint8Array)
      writeFileSync(join(files, 'next'), concatBytes(parts))
      renameSync(join(files, 'next'), join(files, PATH.slice(1)))
    }
    writeSecond()
    const writing = setInterval(writeSecond, 1_000)
    const port = randomPort()
    writeFileSync(join(folder, 'nginx.conf'), configOf(folder, files, port, connectionsMax))
    const child = Bun.spawn(['nginx', '-p', folder, '-c', join(folder, 'nginx.conf')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const url = `http://127.0.0.1:${port}${PATH}`
    await until('nginx serves', async () => (await fetch(url).catch(() => undefined))?.ok)
    return new Nginx(child, port, writing)
  }

  private constructor(child: Bun.Subprocess, port: number, writing: ReturnType<typeof setInterval>) {
    this.#process = child
    this.#writing = writing
    this.port = port
    const workers = Bun.spawnSync(['pgrep', '-P', String(child.pid)])
      .stdout.toString()
      .trim()
      .split('\n')
    if (workers.length !== 1) throw new Error(`nginx has ${workers.length} workers instead of one`)
    this.pid = Number(workers[0])
  }

  async stop(): Promise<void> {
    clearInterval(this.#writing)
    this.#process.kill('SIGTERM')
    await this.#process.exited
  }
}

const configOf = (folder: string, files: string, port: number, connectionsMax: number): string => `
daemon off; worker_processes 1; worker_rlimit_nofile ${connectionsMax + 1_000};
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections ${connectionsMax + 500}; multi_accept on; }
http {
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on;
  keepalive_timeout 600; keepalive_requests 1000000;
  open_file_cache max=100 inactive=60s; open_file_cache_valid 1s;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  types { audio/mp4 mp4; }
  server { listen 127.0.0.1:${port} backlog=4096; root ${files}; }
}
`
