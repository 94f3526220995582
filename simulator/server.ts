import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Backend } from './backend.ts'
import { drawnBackend } from './drawn-backend.ts'
import type { Options } from './options.ts'
import { json, refuse } from './refusal.ts'
import { nowNs, type Scheduler, scheduler } from './scheduler.ts'
import { type TruthLog, truthLog } from './truth.ts'
import type { Api } from './wire.ts'

const APIS: Record<string, Api> = {
  '/v1/chat/completions': 'chat',
  '/v1/completions': 'completions',
}

/** Starts the server; resolves when it listens. `close` ends it and writes out the truth log. */
export async function startServer(options: Options) {
  const due = scheduler(options.precise)
  const log = options.truth ? truthLog(options.truth) : undefined
  const backend = await backendOf(options, due, log)

  const server = createServer(
    { keepAliveTimeout: 60_000, requestTimeout: 0 },
    (request, response) => {
      const startNs = nowNs()
      request.socket.setNoDelay(true)
      const { pathname } = new URL(request.url ?? '/', 'http://simulator')
      const api = APIS[pathname]
      if (request.method === 'POST' && api)
        readBody(request, body => {
          if (options.apiKey && request.headers.authorization !== `Bearer ${options.apiKey}`)
            refuse(response, 401, 'authentication_error', 'invalid API key')
          else backend.answer({ api, request, response, body, startNs })
        })
      else if (pathname === '/health') response.writeHead(200).end()
      else if (pathname === '/v1/models')
        json(response, 200, { object: 'list', data: [{ id: options.model, object: 'model' }] })
      else if (pathname === '/metrics') {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
        response.end(backend.metricsText())
      } else refuse(response, 404, 'NotFoundError', `no route ${pathname}`)
    },
  )

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, 4096, resolve)
  }).catch(async error => {
    await backend.close()
    throw error
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://${options.host}:${port}`,
    async close(): Promise<void> {
      due.stop()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await backend.close()
      await log?.close()
    },
  }
}

/** Loads a backend only where it is asked for: the tokenizer and DuckDB take time to load. */
async function backendOf(
  options: Options,
  due: Scheduler,
  log: TruthLog | undefined,
): Promise<Backend> {
  if (options.replay !== undefined) {
    const { replayBackend } = await import('./replay/replay-backend.ts')
    return replayBackend(options.replay, due, log)
  }
  if (options.engine) {
    const { engineBackend } = await import('./engine/engine-backend.ts')
    return engineBackend(options, options.engine, due, log)
  }
  return drawnBackend(options, due, log)
}

function readBody(request: IncomingMessage, use: (body: Buffer) => void): void {
  const pieces: Buffer[] = []
  request.on('data', piece => pieces.push(piece))
  request.on('end', () => use(Buffer.concat(pieces)))
  request.on('error', () => {})
}
