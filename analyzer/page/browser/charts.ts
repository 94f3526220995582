import { init } from '../../figures/charts.ts'
import type { Context, Figure, FigureMetric } from '../../figures/figure.ts'
import type { Frame } from '../../figures/frame.ts'
import { DARK, LIGHT, type Theme } from '../../figures/theme.ts'
import { numbersTable } from './numbers-table.ts'

type Runs = Context['runs']

/** What draws one figure anew whenever its size, its colours or its runs change. */
export type Chart = {
  element: HTMLElement
  draw(theme?: Theme): void
  dispose(): void
}

const darkness = matchMedia('(prefers-color-scheme: dark)')
export const themeNow = (): Theme => (darkness.matches ? DARK : LIGHT)

/**
 * A figure in its element.
 *
 * @param zoomed  told of a span of time that was brushed, s
 */
export function chartOf(
  element: HTMLElement,
  figure: Figure,
  frames: { [name: string]: Frame },
  metric: FigureMetric,
  runs: Runs,
  zoomed?: (from: number, to: number) => void,
): Chart {
  let chart: ReturnType<typeof init> | undefined
  const draw = (theme = themeNow()): void => {
    const width = element.clientWidth
    if (width === 0) return
    const context = { runs, metric, theme, width }
    element.style.height = `${figure.height(context)}px`
    if (!chart) {
      chart = init(element)
      if (zoomed) chart.on('datazoom', brushed(zoomed))
    }
    chart.resize()
    chart.setOption(figure.option(frames, context) as never, true)
  }
  const numbers = element.closest('figure')?.querySelector<HTMLDetailsElement>('details')
  const tabulate = (): void => {
    if (numbers?.open) numbersTable(numbers.querySelector('.numbers')!, frames, runs)
  }
  numbers?.addEventListener('toggle', tabulate)
  tabulate()
  // Before it is drawn, so that nothing jumps.
  element.style.height = `${figure.height({ runs, metric, theme: themeNow(), width: 0 })}px`
  const dispose = (): void => {
    numbers?.removeEventListener('toggle', tabulate)
    chart?.dispose()
  }
  return { element, draw, dispose }
}

type Zoom = { batch?: { startValue?: number; endValue?: number }[] }

/** The span of a brush: the toolbox gives it in the axis's own values, the wheel does not. */
const brushed =
  (zoomed: (from: number, to: number) => void) =>
  (event: unknown): void => {
    const { startValue, endValue } = (event as Zoom).batch?.[0] ?? {}
    if (startValue !== undefined && endValue !== undefined && endValue > startValue)
      zoomed(startValue, endValue)
  }

/** Draws charts as they come near the screen, and again when what they depend on changes. */
export function watch(charts: Chart[]): () => void {
  const seen = new Set<Chart>()
  const byElement = new Map(charts.map(chart => [chart.element as Element, chart]))
  const nearby = new IntersectionObserver(
    entries => {
      for (const { target, isIntersecting } of entries) {
        const chart = byElement.get(target)!
        if (!isIntersecting || seen.has(chart)) continue
        seen.add(chart)
        chart.draw()
      }
    },
    { rootMargin: '400px' },
  )
  for (const { element } of charts) nearby.observe(element)
  const again = (): void => {
    for (const chart of seen) chart.draw()
  }
  let width = innerWidth
  addEventListener('resize', () => {
    if (innerWidth !== width) again()
    width = innerWidth
  })
  darkness.addEventListener('change', again)
  // Paper is white, and has all figures.
  addEventListener('beforeprint', () => {
    for (const chart of charts) chart.draw(LIGHT)
  })
  addEventListener('afterprint', () => {
    for (const chart of charts) chart.draw()
  })
  return again
}
