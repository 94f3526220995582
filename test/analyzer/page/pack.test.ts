import { expect, test } from 'vitest'
import type { Column, Frame } from '../../../analyzer/figures/frame.ts'
import { unpack } from '../../../analyzer/page/browser/unpack.ts'
import { html } from '../../../analyzer/page/html.ts'
import { pack } from '../../../analyzer/page/pack.ts'
import { random } from '../../support/random.ts'

test('frames come out as they went in: missing, negative, unsorted, texts and doubles', async () => {
  const next = random(7)
  for (let round = 0; round < 60; round++) {
    const n = Math.floor(next() * 50)
    const column = (make: () => number): Float64Array =>
      Float64Array.from({ length: n }, () => (next() < 0.2 ? Number.NaN : make()))
    const columns: { [name: string]: Column } = {
      run: column(() => Math.floor(next() * 3)),
      ttft_ms: column(() => Math.round(next() * 1e7) / 100),
      scheduled_ms: column(() => Math.round((next() - 0.5) * 1e6) / 100),
      sent_ms: column(() => Math.round(next() * 1e6) / 100).sort(),
      share: column(next),
      // Too great for hundredths in 32 bits: kept in 8 bytes.
      latency_ms: column(() => next() * 1e12),
      outcome: Array.from(
        { length: n },
        () => ['ok', '</script>', '\u0000"\u2028'][Math.floor(next() * 3)]!,
      ),
    }
    const frames: { [name: string]: Frame } = { a: { n, columns } }
    const { frames: back, facts } = await unpack(pack(frames, { round }))
    expect(facts).toEqual({ round })
    expect(back).toEqual(frames)
  }
})

test('a limit of hundredths is met by the packed value exactly when the tape’s own value meets it', async () => {
  const next = random(11)
  const ns = Float64Array.from({ length: 2000 }, () => Math.floor(next() * 5e9))
  const up = ns.map(value => Math.ceil(value / 10_000) / 100)
  const { frames } = await unpack(pack({ a: { n: ns.length, columns: { ttft_ms: up } } }, null))
  const values = frames['a']!.columns['ttft_ms'] as Float64Array
  for (let i = 0; i < ns.length; i++) {
    for (const limit of [values[i]!, Math.round(next() * 5e5) / 100])
      expect(values[i]! <= Number(String(limit))).toBe(ns[i]! / 1e6 <= Number(String(limit)))
  }
})

test('texts in a page are text', () => {
  const planted = `<script>alert(1)</script>"'&\u001b[31m\u202e`
  expect(html`<p title="${planted}">${planted}</p>`.markup).toBe(
    `<p title="&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\\u001b[31m\\u202e">&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\\u001b[31m\\u202e</p>`,
  )
})
