/**
 * DuckDB's tree of a statement, from the text of its json_serialize_sql.
 *
 * That writes numbers which JSON has not: Infinity, for a literal such as 1e400, and NaN. They are null in the tree.
 */
// biome-ignore lint/suspicious/noExplicitAny: the tree has DuckDB's own shape, another for each kind of node
export function sqlTreeOf(json: string): { tree: any; finite: boolean } {
  let finite = true
  const plain = json.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, found => {
    if (found.startsWith('"')) return found
    finite = false
    return 'null'
  })
  return { tree: JSON.parse(plain), finite }
}
