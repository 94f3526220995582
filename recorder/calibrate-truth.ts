import { readFileSync } from 'node:fs'

/** What the truth server wrote and when; instants are CLOCK_MONOTONIC ns. */
export type Truth = {
  /** By request: when it was received, and where its tokens begin in the token columns. */
  receivedNs: Float64Array
  firstToken: Uint32Array
  /** By token, each request's tokens in their order. */
  writtenNs: Float64Array
  dueNs: Float64Array
}

/** Reads the file that simulator/README.md describes and groups its tokens by request. */
export function readTruth(path: string): Truth {
  const { buffer, byteOffset, byteLength } = readFileSync(path)
  const all = new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength))
  const [nRequests = 0, nTokens = 0] = all
  const requests = all.subarray(2, 2 + 3 * nRequests)
  const tokens = all.subarray(2 + 3 * nRequests)

  let ids = 0
  for (let i = 0; i < requests.length; i += 3) ids = Math.max(ids, requests[i]! + 1)
  const receivedNs = new Float64Array(ids).fill(Number.NaN)
  const firstToken = new Uint32Array(ids + 1)
  for (let i = 0; i < requests.length; i += 3) receivedNs[requests[i]!] = requests[i + 1]!
  for (let i = 0; i < tokens.length; i += 3) firstToken[tokens[i]! + 1]!++
  for (let id = 0; id < ids; id++) firstToken[id + 1]! += firstToken[id]!

  const next = firstToken.slice()
  const writtenNs = new Float64Array(nTokens)
  const dueNs = new Float64Array(nTokens)
  for (let i = 0; i < tokens.length; i += 3) {
    const at = next[tokens[i]!]!++
    writtenNs[at] = tokens[i + 1]!
    dueNs[at] = tokens[i + 2]!
  }
  return { receivedNs, firstToken, writtenNs, dueNs }
}
