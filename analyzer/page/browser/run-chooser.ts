import { themeNow } from './charts.ts'

/** Boxes that say which runs the figures show, where there are several. */
export function runChooser(runs: { label: string; shown: boolean }[], changed: () => void): void {
  document.querySelector('#runs')?.append(
    ...runs.map((run, place) => {
      const label = document.createElement('label')
      const box = document.createElement('input')
      box.type = 'checkbox'
      box.checked = run.shown
      box.addEventListener('change', () => {
        run.shown = box.checked
        changed()
      })
      const swatch = document.createElement('span')
      swatch.className = 'swatch'
      const { series } = themeNow()
      swatch.style.background = series[place % series.length]!
      label.append(box, swatch, run.label)
      return label
    }),
  )
}
