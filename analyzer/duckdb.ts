import { createRequire } from 'node:module'

// Not `import`: Node then scans all 180 files of the client for the names that they export, which takes longer
// than to load them, and is a quarter of the time to a first row.
const duckdb: typeof import('@duckdb/node-api') = createRequire(import.meta.url)('@duckdb/node-api')

export const { DuckDBInstance, DuckDBTypeId, JSDuckDBValueConverter } = duckdb
