// Arrays from the texts that numbers.py makes of them.

/**
 * Numbers from the text of `encoded`.
 * @param {string} text
 */
export function decoded(text) {
  return new Float32Array(bytesOf(text).buffer)
}

/**
 * Pixels in [0, 1] from the text of `encoded_grays`.
 * @param {string} text
 */
export function decodedGrays(text) {
  return Float32Array.from(bytesOf(text), (value) => value / 255)
}

/** @param {string} text base64 */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
