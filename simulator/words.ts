/** Common English words, each of which is one token with a leading space in the usual vocabularies. */
export const WORDS =
  'the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would their we him been has when who will no more if out so up said what its about than into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many off before must well back through years where much your way down should because long each just state those people too own how little good world make very year still see work life might day'.split(
    ' ',
  )

/** Output token `index` of request `ordinal`; the first has no leading space. */
export const wordFor = (ordinal: number, index: number): string => {
  const word = WORDS[(ordinal * 31 + index * 7) % WORDS.length]!
  return index === 0 ? word : ` ${word}`
}
