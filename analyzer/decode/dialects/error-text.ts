import { isObject, isText, type Json } from './dialect.ts'

/** What a message reports. Servers nest an error, name the whole object one, or send the event `error`. */
export function errorOf(json: Json, type: string): string | undefined {
  const nested = json['error']
  if (isText(nested)) return nested
  if (isObject(nested)) return sentence(nested)
  if (json['object'] === 'error' || type === 'error') return sentence(json)
  return undefined
}

/** An error object in one line: `429 rate_limit_error: too many requests`. */
export function sentence(error: Json): string {
  const { code, type, message } = error
  const label = [code, type === 'error' ? undefined : type]
    .filter(word => isText(word) || typeof word === 'number')
    .join(' ')
  const text = isText(message) ? message : label ? '' : JSON.stringify(error)
  return label && text ? `${label}: ${text}` : label || text
}
