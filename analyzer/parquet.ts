import { quoted } from './quoted.ts'

/**
 * A path as DuckDB must be told of it to take it for that one file: its `*`, `?` and `[` are no patterns.
 *
 * In brackets, since DuckDB knows no other way to say so.
 */
export const literalPath = (path: string): string => path.replace(/[*?[]/g, '[$&]')

/**
 * What reads one Parquet file after FROM.
 *
 * DuckDB would take folders named `model=x` for columns.
 */
export const readParquet = (path: string): string =>
  `read_parquet(${quoted(literalPath(path))}, hive_partitioning = false)`
