import type { Description } from './describe.ts'

const WIDTH = 760
const HEIGHT = 180
const LEFT = 70
const TOP = 34
const BOTTOM = 30
const GAP = 24

type Panel = {
  title: string
  /** Bars from left to right. */
  values: number[]
  /** What stands below the first and the last bar. */
  ends: [string, string]
}

/** A description as a picture: arrivals, token load, lengths and hit rates, one panel each. */
export function describeSvg(described: Description): string {
  const panels = panelsOf(described)
  const height = panels.length * (HEIGHT + GAP) + GAP
  const title = `${described.file}: ${described.nRequests.toLocaleString('en-US')} requests`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="white"/>`,
    ...panels.map((panel, i) => panelSvg(panel, GAP + i * (HEIGHT + GAP))),
    '</svg>',
    '',
  ].join('\n')
}

function panelsOf({ arrivals, input, output, sharing }: Description): Panel[] {
  const panels: Panel[] = []
  if (arrivals) {
    const { windows, windowNs } = arrivals
    const ends: Panel['ends'] = ['0 s', `${(windows.length * windowNs) / 1e9} s`]
    const perS = (tokens: number): number => (tokens / windowNs) * 1e9
    const width = `windows of ${windowNs / 1e9} s`
    panels.push(
      { title: `requests, ${width}`, values: windows.map(({ requests }) => requests), ends },
      {
        title: `input tokens a second, ${width}`,
        values: windows.map(({ inputTokens }) => perS(inputTokens)),
        ends,
      },
      {
        title: `output tokens a second, ${width}`,
        values: windows.map(({ outputTokens }) => perS(outputTokens)),
        ends,
      },
    )
  }
  for (const [name, counts] of [
    ['input', input],
    ['output', output],
  ] as const) {
    const most = counts.quantiles([1])[0] ?? 0
    const width = Math.max(1, Math.ceil((most + 1) / 60))
    const n = Math.ceil((most + 1) / width)
    panels.push({
      title: `requests by ${name} tokens, ${width} a bar`,
      values: Array.from({ length: n }, (_, i) => counts.within(i * width, (i + 1) * width)),
      ends: ['0', most.toLocaleString('en-US')],
    })
  }
  if (sharing)
    panels.push({
      title: `hit rate (%) of LRU caches of ${sharing.caches
        .map(({ blocks }) => (Number.isFinite(blocks) ? blocks.toLocaleString('en-US') : '∞'))
        .join(', ')} blocks`,
      values: sharing.caches.map(({ hitRatio }) => 100 * (hitRatio ?? 0)),
      ends: ['smallest', 'infinite'],
    })
  return panels
}

function panelSvg({ title, values, ends }: Panel, y: number): string {
  const most = values.reduce((a, b) => Math.max(a, b), 0)
  const plotWidth = WIDTH - LEFT - 20
  const plotHeight = HEIGHT - TOP - BOTTOM
  const step = plotWidth / values.length
  const base = y + TOP + plotHeight
  const bars = values.map((value, i) => {
    const height = most === 0 ? 0 : (plotHeight * value) / most
    return `<rect x="${at(LEFT + i * step)}" y="${at(base - height)}" width="${at(Math.max(0.5, step * 0.9))}" height="${at(height)}"/>`
  })
  const label = (x: number, top: number, text: string, anchor: string): string =>
    `<text x="${at(x)}" y="${at(top)}" text-anchor="${anchor}">${escaped(text)}</text>`
  return [
    label(LEFT, y + 18, title, 'start'),
    label(
      LEFT - 6,
      y + TOP + 10,
      most.toLocaleString('en-US', { maximumFractionDigits: 1 }),
      'end',
    ),
    label(LEFT - 6, base, '0', 'end'),
    `<g fill="#3b6ea5">${bars.join('')}</g>`,
    `<line x1="${LEFT}" y1="${at(base)}" x2="${WIDTH - 20}" y2="${at(base)}" stroke="#333"/>`,
    label(LEFT, base + 16, ends[0], 'start'),
    label(WIDTH - 20, base + 16, ends[1], 'end'),
  ].join('\n')
}

const at = (value: number): string => value.toFixed(2)

const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no place for them
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
    .replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
