// What tsc leaves behind: SQL and the built-in tokenizer belong beside the code that reads them.
import { chmodSync, cpSync } from 'node:fs'

for (const folder of ['analyzer/sql', 'schemas/tokenizers']) {
  cpSync(folder, `dist/${folder}`, { recursive: true })
}
chmodSync('dist/tokentape.js', 0o755)
