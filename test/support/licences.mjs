// What is bundled brings its licence along: the comments in its sources do not survive minifying.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const LICENCE = /^(licen[cs]e|copyrightnotice)(\.\w+)?$/i
const NOTICE = /^notice(\.\w+)?$/i

/** The packages that a bundle was made of, from esbuild's metafile. */
export const packagesIn = ({ inputs }) => [
  ...new Set(
    Object.keys(inputs).flatMap(
      path => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
    ),
  ),
]

/** The texts of a package's licence: its own, its notice, and those of what it took from others. */
function textsOf(name) {
  const folder = `node_modules/${name}`
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  // A page's parser makes one line end of two characters, and its script's hash would not be that of its policy.
  const read = path => readFileSync(path, 'utf8').replaceAll('\r\n', '\n').trim()
  const named = pattern =>
    readdirSync(folder)
      .filter(file => pattern.test(file))
      .map(file => read(`${folder}/${file}`))
  const others = existsSync(`${folder}/licenses`)
    ? readdirSync(`${folder}/licenses`).map(file => read(`${folder}/licenses/${file}`))
    : []
  const licences = named(LICENCE)
  if (licences.length === 0) throw new Error(`${name} has no licence file`)
  return { name, version, license, licences, notices: named(NOTICE), others }
}

const APACHE = `Licensed under the Apache License, Version 2.0; you may not use it except in compliance with the License.
You may obtain a copy at https://www.apache.org/licenses/LICENSE-2.0. Distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND.`

/** All licences in full, for the file that is published with the package. */
export const thirdParty = names =>
  names
    .map(textsOf)
    .map(({ name, version, license, licences, notices, others }) =>
      [`${name} ${version} (${license})`, ...notices, ...licences, ...others].join('\n\n'),
    )
    .join(`\n\n${'-'.repeat(80)}\n\n`)

/** The same as a comment at the head of a script; of Apache's licence its own short form. */
export function legalComment(names) {
  const parts = names.map(textsOf).map(({ name, version, license, licences, notices, others }) => {
    const own = license === 'Apache-2.0' ? [APACHE] : licences
    return [`${name} ${version} (${license})`, ...notices, ...own, ...others].join('\n')
  })
  const text = ['This script contains:', ...parts].join('\n\n').replaceAll('*/', '* /')
  return `/*!\n${text}\n*/\n`
}
