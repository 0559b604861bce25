import Bytes

extension FuzzTarget {
    static let bytes: [FuzzTarget] = [
        FuzzTarget("json") { input in
            let value = try JSONValue(parsing: input, limits: .request)
            guard let canonical = CanonicalJSON.encode(value) else { return }
            let limits = JSONLimits(bytesMax: 1 << 22, depthMax: 32, nodesMax: 10_000)
            let again: JSONValue
            do throws(JSONError) {
                again = try JSONValue(parsing: canonical, limits: limits)
            } catch {
                // RFC 8785 writes 1e20 without its exponent, and the reader takes no integer of that size.
                try demand(error.reason == .integerOutOfRange, "canonical JSON is not read again: \(error)")
                return
            }
            try demand(CanonicalJSON.encode(again) == canonical, "canonical JSON is not canonical")
        },
        FuzzTarget("json-file") { input in _ = try JSONValue(parsing: input, limits: .file) },
        FuzzTarget("base64") { input in
            if let bytes = Base64.decode(input) {
                try demand(Array(Base64.encode(bytes).utf8) == input, "base64 has two spellings")
            }
            if let bytes = Base64URL.decode(input) {
                try demand(Array(Base64URL.encode(bytes).utf8) == input, "base64url has two spellings")
            }
            try demand(Base64.decode(Array(Base64.encode(input).utf8)) == input, "base64 loses bytes")
            try demand(Base64URL.decode(Array(Base64URL.encode(input).utf8)) == input, "base64url loses bytes")
        },
        FuzzTarget("hex") { input in
            let text = String(decoding: input, as: UTF8.self)
            if let bytes = Hex.decode(text) { try demand(Hex.encode(bytes) == text, "hex has two spellings") }
            if let digest = Digest(hex: text) { try demand(digest.hex == text, "a digest has two spellings") }
            try demand(Hex.decode(Hex.encode(input)) == input, "hex loses bytes")
        },
    ]
}
