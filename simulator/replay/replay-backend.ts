import { createHash } from 'node:crypto'
import type { Backend, Exchange } from '../backend.ts'
import { refuse } from '../refusal.ts'
import { nowNs, type Scheduler } from '../scheduler.ts'
import { writeChunk } from '../stream.ts'
import { type Truth, type TruthLog, truthOf } from '../truth.ts'
import { answerQueue } from './answer-queue.ts'
import { type TapeAnswer, tapeAnswers } from './tape-answers.ts'

/** Failures that the server or the network ended; after the others the client was the one to leave. */
const BROKEN = new Set(['connect_error', 'dns_error', 'tls_error', 'broken_stream'])

/**
 * Answers with what a tape says: the same bytes in the same pieces, as long after the request as then.
 *
 * @throws UserError when the path is no tape, or no request on it was sent
 */
export async function replayBackend(
  tape: string,
  due: Scheduler,
  log: TruthLog | undefined,
): Promise<Backend> {
  const answers = await tapeAnswers(tape)
  const answerFor = answerQueue(answers)
  const counts = { running: 0, ordinal: 0 }

  function answer({ request, response, body, startNs }: Exchange): void {
    const digest = createHash('sha256').update(body).digest('hex').slice(0, 32)
    const recorded = answerFor(digest)
    if (!recorded) {
      const all = `the tape has ${answers.length} answers, and all have been given`
      refuse(response, 503, 'TapeIsOver', all)
      return
    }
    const truth = truthOf(counts.ordinal++, request, startNs, 0)
    counts.running++
    play({ response, startNs }, recorded, truth, due, () => {
      counts.running--
      log?.add(truth)
    })
  }

  return {
    answer,
    metricsText: () =>
      `# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running ${counts.running}\n`,
    close: async () => {},
  }
}

/** Does again, one thing after the other, what the tape says was seen of the answer. */
function play(
  { response, startNs }: Pick<Exchange, 'response' | 'startNs'>,
  { head, reads, end }: TapeAnswer,
  truth: Truth,
  due: Scheduler,
  done: () => void,
): void {
  const socket = response.socket!
  let over = false
  const finish = (outcome: string): void => {
    if (over) return
    over = true
    socket.off('close', closed)
    truth.outcome = outcome
    truth.done_ns = nowNs()
    done()
  }
  const closed = (): void => {
    truth.client_closed_ns = nowNs()
    finish('client_closed')
  }
  socket.once('close', closed)

  const begin = (): void => {
    if (!head || over) return
    truth.headers_ns = nowNs()
    response.writeHead(head.status, head.headers)
    response.flushHeaders()
  }
  const read = (i: number): void => {
    if (over) return
    if (i === reads.length) {
      if (end) due.at(startNs + end.atNs, last)
      return
    }
    const { atNs, bytes } = reads[i]!
    due.at(startNs + atNs, dueNs => {
      if (over) return
      truth.due_ns.push(dueNs)
      truth.token_ns.push(nowNs())
      writeChunk(socket, bytes)
      read(i + 1)
    })
  }
  const last = (): void => {
    if (over) return
    if (end!.failure === null) {
      finish('ok')
      response.end()
    } else if (BROKEN.has(end!.failure)) {
      finish('fault')
      socket.destroy()
    }
    // Else the client gave up then. It is for this one to do the same.
  }
  if (!head) read(0)
  else
    due.at(startNs + head.atNs, () => {
      begin()
      read(0)
    })
}
