/** A table of texts: what stands in its first column names the row. */
export function tableElement(
  caption: string,
  columns: string[],
  rows: string[][],
  /** Columns that hold words, not numbers. */
  text: number[] = [],
): HTMLElement {
  const scroll = document.createElement('div')
  scroll.className = 'scroll'
  scroll.tabIndex = 0
  scroll.setAttribute('role', 'region')
  scroll.setAttribute('aria-label', caption)
  const table = document.createElement('table')
  table.createCaption().textContent = caption
  const head = table.createTHead().insertRow()
  const style = (cell: HTMLElement, i: number): void => {
    if (text.includes(i)) cell.className = 'text'
  }
  columns.forEach((column, i) => {
    const cell = document.createElement('th')
    cell.scope = 'col'
    cell.textContent = column
    style(cell, i)
    head.append(cell)
  })
  const body = table.createTBody()
  for (const cells of rows) body.append(rowElement(cells, style))
  scroll.append(table)
  return scroll
}

/** A row of a table. */
export function rowElement(
  cells: string[],
  style: (cell: HTMLElement, i: number) => void = () => {},
): HTMLTableRowElement {
  const row = document.createElement('tr')
  cells.forEach((text, i) => {
    const cell = document.createElement(i === 0 ? 'th' : 'td')
    if (i === 0) cell.scope = 'row'
    cell.textContent = text
    style(cell, i)
    row.append(cell)
  })
  return row
}
