/** A relation that is made when a query first names it. */
export type LazyRelation = {
  name: string
  /** The relations that it reads, which are made with it. */
  reads: string[]
  make(): Promise<unknown>
}

export type LazyRelations = {
  /** Makes what a query may read; returns whether there was anything to make. */
  prepare(sql: string): Promise<boolean>
  /** Makes all that is left. */
  prepareAll(): Promise<boolean>
}

/**
 * Makes relations on demand: decoding a tape takes minutes, and a hundred views a tenth of a second.
 *
 * Every word of a query that is a relation's name counts, wherever it stands, so at worst one is made
 * in vain. A name that a query puts together itself is not found: then the query fails with it, and is asked
 * again once that is made.
 *
 * @param relations  each after those that it reads
 */
export function lazyRelations(relations: readonly LazyRelation[]): LazyRelations {
  const byName = new Map(relations.map(relation => [relation.name, relation]))
  const made = new Set<LazyRelation>()
  let last: Promise<unknown> = Promise.resolve()

  const closureOf = (words: string[]): Set<LazyRelation> => {
    const wanted = new Set<LazyRelation>()
    const add = (names: string[]): void => {
      for (const name of names) {
        const found = byName.get(name)
        if (!found || made.has(found) || wanted.has(found)) continue
        wanted.add(found)
        add(found.reads)
      }
    }
    add(words)
    return wanted
  }

  const makeOf = async (words: string[]): Promise<boolean> => {
    const wanted = closureOf(words)
    for (const relation of relations)
      if (wanted.has(relation)) {
        await relation.make()
        made.add(relation)
      }
    return wanted.size > 0
  }

  // One after another: two that ask at once must not make the same thing twice.
  const inTurn = (words: string[]): Promise<boolean> => {
    const next = last.then(
      () => makeOf(words),
      () => makeOf(words),
    )
    last = next
    return next
  }
  return {
    prepare: sql => inTurn(wordsOf(sql)),
    prepareAll: () => inTurn([...byName.keys()]),
  }
}

/** The words of an SQL text, without its comments. */
export const wordsOf = (sql: string): string[] => [
  ...new Set(sql.replace(/--.*$/gm, '').toLowerCase().match(/\w+/g)),
]

/** The relations that a model reads: what stands after FROM and JOIN. */
export const readsIn = (sql: string): string[] =>
  [...sql.replace(/--.*$/gm, '').matchAll(/\b(?:from|join)\s+(\w+)/g)].map(([, name]) => name!)
