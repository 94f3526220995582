import { expect, test } from 'vitest'
import { tapeOf } from './support/tape.ts'
test('all metrics run', async () => {
  const tape = await tapeOf(
    { scheduled: 0, dequeued: 1, sent: 10, headers: 20, connect: 12, tokens: [60, 80, 500], requested_output_tokens: 100, usage: { prompt_tokens: 9, completion_tokens: 3 }, session_id: 's' },
    { scheduled: 0, sent: 10, tokens: [60, 80, 90], session_id: 't' },
    { sent: 0, outcome: 'timeout' },
  )
  for (const m of tape.metrics) {
    try {
      const [row] = await tape.query(`from summary('${m.name}', method := '${m.percentiles}')`)
      console.log(m.name, m.unit, row?.['n'], row?.['avg'], row?.['std'], JSON.stringify(row?.['percentiles']))
    } catch (e) { console.log('!!', m.name, e.message) }
  }
  console.log(await tape.query('from request_metrics order by request_id'))
})
test('time', async () => {
  const { writeTape, words } = await import('./support/tape.ts')
  const { openTapes } = await import('../analyzer/open-tapes.ts')
  const path = await writeTape([{ tokens: [10, 20] }])
  for (let i = 0; i < 3; i++) { const t = performance.now(); const tp = await openTapes([path], { err: () => {}, tokenizerOf: () => words }); console.log('OPEN', performance.now() - t)
  let u = performance.now(); await tp.query('from request_metrics'); console.log('RM', performance.now() - u); u = performance.now(); await tp.query('select count(*) from samples'); console.log('SAMPLES', performance.now() - u)
  tp.close() }
})
