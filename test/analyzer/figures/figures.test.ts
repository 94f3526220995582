import { afterAll, describe, expect, test } from 'vitest'
import { pngOf, svgOf } from '../../../analyzer/figures/draw.ts'
import { figureMetric, framesOf, questionOf } from '../../../analyzer/figures/frames-of.ts'
import { FIGURES } from '../../../analyzer/figures/index.ts'
import { DARK, LIGHT } from '../../../analyzer/figures/theme.ts'
import { openLiteral } from '../../support/tape.ts'

const planted = '<script>alert("1")</script>\u001b[31m'
const tape = await openLiteral([
  ...Array.from({ length: 20 }, (_, i) => ({
    sent: 10 * i,
    scheduled: 10 * i - 1,
    headers: 10 * i + 3,
    tokens: [10 * i + 5, 10 * i + 8, 10 * i + 20 + i],
  })),
  { sent: 50, status: 500, reads: [[55, planted]] as [number, string][] },
])
const empty = await openLiteral([])
afterAll(() => {
  tape.close()
  empty.close()
})

const metricOf = (tapes: typeof tape, name = 'time_to_first_token') =>
  figureMetric(tapes.metrics.find(metric => metric.name === name)!)

async function drawingOf(name: string, tapes = tape, theme = LIGHT, width = 900) {
  const metric = metricOf(tapes)
  const figure = FIGURES[name]!
  const frames = await framesOf(tapes, figure, await questionOf(tapes, metric))
  return {
    figure,
    frames,
    context: { runs: [{ label: planted, shown: true }], metric, theme, width },
  }
}

/** The texts that an SVG shows. */
const textsOf = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!)

describe.each(Object.keys(FIGURES))('%s', name => {
  test('names its n and the unit of its axes, and takes no text for markup', async () => {
    const texts = textsOf(svgOf(await drawingOf(name)))
    expect(
      texts.some(text => /n = \d/.test(text)),
      texts.join(' | '),
    ).toBe(true)
    expect(texts.join('\n')).toMatch(/\(ms\)|\bs since|tokens\/s|requests|samples|\(%\)/)
    const svg = svgOf(await drawingOf(name))
    expect(svg).not.toContain('<script')
    expect(svg).not.toContain('\u001b')
  })

  test('draws a run without requests, on a phone, in the dark', async () => {
    const svg = svgOf(await drawingOf(name, empty, DARK, 320))
    expect(svg).toMatch(/^<svg/)
    expect(svg).not.toContain('NaN')
    expect(textsOf(svg).join(' ')).toContain('n = ')
  })
})

test('every request is a point where it was sent, and the roll has a tick for each message', async () => {
  const { frames } = await drawingOf('over-time')
  expect(frames['samples']!.n).toBe(20)
  const roll = await drawingOf('arrival-roll')
  expect(roll.frames['lines']!.n).toBe(21)
  expect(roll.frames['ticks']!.n).toBe(60)
})

test('a PNG is drawn at twice its size, in its background', async () => {
  const { createCanvas, loadImage } = await import('@napi-rs/canvas')
  const png = await pngOf(await drawingOf('throughput'))
  const image = await loadImage(Buffer.from(png))
  expect([image.width, image.height]).toEqual([1800, 520])
  const pen = createCanvas(image.width, image.height).getContext('2d')
  pen.drawImage(image, 0, 0)
  const pixels = pen.getImageData(0, 0, image.width, image.height).data
  expect([...pixels.slice(0, 4)]).toEqual([255, 255, 255, 255])
  expect(pixels.some(value => value < 128)).toBe(true)
})
