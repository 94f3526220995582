/** Colours of a figure. Those of runs and kinds are Okabe and Ito's, which colour-blind readers can tell apart. */
export type Theme = {
  name: 'light' | 'dark'
  background: string
  text: string
  faint: string
  line: string
  series: string[]
  /** From none to all, in lightness alone too: cividis. */
  scale: string[]
}

const SCALE = ['#00224e', '#35456c', '#666970', '#948e77', '#c8b866', '#fee838']

export const LIGHT: Theme = {
  name: 'light',
  background: '#ffffff',
  text: '#1b1f24',
  faint: '#57606a',
  line: '#d0d7de',
  series: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'],
  scale: SCALE,
}

export const DARK: Theme = {
  name: 'dark',
  background: '#14181d',
  text: '#e6edf3',
  faint: '#9aa5b1',
  line: '#363e48',
  series: ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#f0e442', '#d55e00', '#ffffff'],
  scale: SCALE,
}
