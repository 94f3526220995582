import { createHash } from 'node:crypto'
import { setPlatformAPI, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { printable } from '../formats/printable.ts'
import { init } from './charts.ts'
import type { Context, Figure } from './figure.ts'
import type { Frame } from './frame.ts'

use([SVGRenderer])

/** Pixels of a PNG for each of its layout's: sharp on screens and in print. */
const PIXEL_RATIO = 2

type Drawing = { figure: Figure; frames: { [name: string]: Frame }; context: Context }

/** What the controls of a page are for has no place in a picture. */
const still = ({ figure, frames, context }: Drawing): object => ({
  ...figure.option(frames, context),
  toolbox: { show: false },
  tooltip: { show: false },
})

/**
 * ECharts names parts by how many charts the process has drawn. Named by the picture itself, the same
 * tapes give the same file, and two pictures stand in one document.
 */
function named(svg: string): string {
  const places = new Map<string, number>()
  const place = (name: string): number => {
    if (!places.has(name)) places.set(name, places.size)
    return places.get(name)!
  }
  const plain = svg.replace(/\bzr\d+-([a-z]+)(\d+|-\d+)/g, name => `zr-${place(name)}`)
  const digest = createHash('sha256').update(plain).digest('hex').slice(0, 8)
  return plain.replace(/\bzr-/g, `zr${digest}-`)
}

/** XML has no control characters, and a name may bring one. */
const withoutControls = (svg: string): string => svg.split('\n').map(printable).join('\n')

/** A figure as SVG, without a browser. */
export function svgOf(drawing: Drawing): string {
  const { width } = drawing.context
  const height = drawing.figure.height(drawing.context)
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption(still(drawing) as never)
    return named(withoutControls(chart.renderToSVGString()))
  } finally {
    chart.dispose()
  }
}

/** A figure as PNG, without a browser: Skia draws it, with the fonts of the machine. */
export async function pngOf(drawing: Drawing): Promise<Uint8Array> {
  const { createCanvas } = await import('@napi-rs/canvas')
  const { width } = drawing.context
  const height = drawing.figure.height(drawing.context)
  // Texts are measured on a canvas too.
  setPlatformAPI({ createCanvas: () => createCanvas(32, 32) as never })
  const canvas = createCanvas(width * PIXEL_RATIO, height * PIXEL_RATIO)
  const chart = init(canvas as never, null, {
    renderer: 'canvas',
    width,
    height,
    devicePixelRatio: PIXEL_RATIO,
  })
  try {
    chart.setOption(still(drawing) as never)
    return canvas.toBuffer('image/png')
  } finally {
    chart.dispose()
  }
}
