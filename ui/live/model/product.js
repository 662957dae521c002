// The matrix product of `product.wat`, in WebAssembly where that has SIMD, else in JavaScript.

// `product.wat`, assembled: tests/ui/test_engine.py compares what they compute.
const ASSEMBLED =
  "AGFzbQEAAAABDgFgCn9/f39/f39/f30AAwIBAAUDAQAABxQCBm1lbW9yeQIAB3Byb2R1Y3QAAAq0BAGxBAIJfwx7" +
  "IAn9EyEWIAUgBGshBSAAQQJ0IQADQEEAIQoDQCABIApqIQwgDCgCACEPIAwoAgQhECAMKAIIIREgDCgCDCESIAj9" +
  "AAQAIRcgCP0ABBAhGCAXIRkgGCEaIBchGyAYIRwgFyEdIBghHiAGIQwgAyELA0AgDyAEaiENA0AgDP0ABAAhFCAM" +
  "/QAEECEVIA/9CQIAIRMgFyATIBT95gH95AEhFyAYIBMgFf3mAf3kASEYIBD9CQIAIRMgGSATIBT95gH95AEhGSAa" +
  "IBMgFf3mAf3kASEaIBH9CQIAIRMgGyATIBT95gH95AEhGyAcIBMgFf3mAf3kASEcIBL9CQIAIRMgHSATIBT95gH9" +
  "5AEhHSAeIBMgFf3mAf3kASEeIA9BBGohDyAQQQRqIRAgEUEEaiERIBJBBGohEiAMQSBqIQwgDyANSQ0ACyAPIAVq" +
  "IQ8gECAFaiEQIBEgBWohESASIAVqIRIgC0EBayILDQALIAIgCmohCyALKAIAIA5qIQ8gDyAXIBb96QH9CwQAIA8g" +
  "GCAW/ekB/QsEECALKAIEIA5qIQ8gDyAZIBb96QH9CwQAIA8gGiAW/ekB/QsEECALKAIIIA5qIQ8gDyAbIBb96QH9" +
  "CwQAIA8gHCAW/ekB/QsEECALKAIMIA5qIQ8gDyAdIBb96QH9CwQAIA8gHiAW/ekB/QsEECAKQRBqIgogAEkNAAsg" +
  "DCEGIAhBIGohCCAOQSBqIQ4gB0EBayIHDQALCwDXAQRuYW1lAqsBAQAfAARyb3dzAQRmcm9tAgJ0bwMEcnVucwQG" +
  "bGVuZ3RoBQZzdHJpZGUGBmtlcm5lbAcGcGFuZWxzCARiaWFzCQNsb3cKBHRpbGULBGxlZnQMAWsNA2VuZA4GY29s" +
  "dW1uDwJhMBACYTERAmEyEgJhMxMBeBQCYjAVAmIxFgZsb3dlc3QXA3MwMBgDczAxGQNzMTAaA3MxMRsDczIwHANz" +
  "MjEdA3MzMB4DczMxAyIBAAQABXBhbmVsAQlmb3VyX3Jvd3MCA3J1bgMGbnVtYmVy"

// Memory for numbers with the function `product(rows, from, to, …)` that works on it; all
// addresses and lengths are in bytes. See product.wat for the parameters.
export function productMemory(bytes, simd = true) {
  const code = Uint8Array.from(atob(ASSEMBLED), (c) => c.charCodeAt(0))
  if (!simd || typeof WebAssembly === "undefined" || !WebAssembly.validate(code)) {
    const buffer = new ArrayBuffer(bytes)
    return { buffer, product: plainProduct(buffer), simd: false }
  }
  const { memory, product } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports
  memory.grow(Math.ceil(bytes / 65536))
  return { buffer: memory.buffer, product, simd: true }
}

// The same in JavaScript. A row at a time with double precision is the fastest form here.
function plainProduct(buffer) {
  const floats = new Float32Array(buffer)
  const addresses = new Int32Array(buffer)
  return (rows, from, to, runs, length, stride, kernel, panels, bias, low) => {
    const count = length >> 2
    const size = runs * count * 8
    for (let panel = 0; panel < panels; panel++) {
      const b = (bias >> 2) + 8 * panel
      for (let row = 0; row < rows; row++) {
        let s0 = floats[b], s1 = floats[b + 1], s2 = floats[b + 2], s3 = floats[b + 3]
        let s4 = floats[b + 4], s5 = floats[b + 5], s6 = floats[b + 6], s7 = floats[b + 7]
        let k = (kernel >> 2) + panel * size
        let start = addresses[(from >> 2) + row] >> 2
        for (let run = 0; run < runs; run++, start += stride >> 2) {
          for (let a = start; a < start + count; a++, k += 8) {
            const x = floats[a]
            s0 += x * floats[k]
            s1 += x * floats[k + 1]
            s2 += x * floats[k + 2]
            s3 += x * floats[k + 3]
            s4 += x * floats[k + 4]
            s5 += x * floats[k + 5]
            s6 += x * floats[k + 6]
            s7 += x * floats[k + 7]
          }
        }
        const c = (addresses[(to >> 2) + row] >> 2) + 8 * panel
        floats[c] = s0 > low ? s0 : low
        floats[c + 1] = s1 > low ? s1 : low
        floats[c + 2] = s2 > low ? s2 : low
        floats[c + 3] = s3 > low ? s3 : low
        floats[c + 4] = s4 > low ? s4 : low
        floats[c + 5] = s5 > low ? s5 : low
        floats[c + 6] = s6 > low ? s6 : low
        floats[c + 7] = s7 > low ? s7 : low
      }
    }
  }
}
