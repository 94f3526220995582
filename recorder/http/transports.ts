import type { HttpClient, TransportMaker, TransportParts } from './transport.ts'

/** What `--http-client` names. Loaded when asked for: undici takes 40 ms. */
export const TRANSPORTS: Record<
  HttpClient,
  () => Promise<(parts: TransportParts) => TransportMaker>
> = {
  onread: async () => (await import('./onread-transport.ts')).onreadTransport,
  undici: async () => (await import('./undici-transport.ts')).undiciTransport,
}
