import Bytes

/// The escapes of Cedar's string and pattern literals, which are those of Rust's string literals without the line
/// continuation.
enum Escapes {
    /// An escape that does not exist, with its place in the literal's content.
    struct EscapeError: Error {
        let offset: Int
        let length: Int
    }

    /// One scalar of a literal; in a pattern, an unescaped `*` is a wildcard and `\*` is a star.
    private enum Element {
        case scalar(Unicode.Scalar)
        case escapedStar
        case raw(UInt8)
    }

    /// The text that a string literal's content stands for.
    static func string(_ content: [UInt8]) -> Result<Text, EscapeError> {
        var output: [UInt8] = []
        output.reserveCapacity(content.count)
        var position = 0
        while position < content.count {
            let start = position
            switch next(content, &position) {
            case .raw(let byte): output.append(byte)
            case .scalar(let scalar): output.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            case .escapedStar, nil: return .failure(EscapeError(offset: start, length: max(1, position - start)))
            }
        }
        guard let text = Text(utf8: output) else { return .failure(EscapeError(offset: 0, length: content.count)) }
        return .success(text)
    }

    /// The pattern that a literal's content stands for.
    static func pattern(_ content: [UInt8]) -> Result<Pattern, EscapeError> {
        var segments: [[UInt8]] = [[]]
        var position = 0
        while position < content.count {
            let start = position
            var bytes: [UInt8] = []
            switch next(content, &position) {
            // As in the reference implementation, `\x2a` and `\u{2a}` are wildcards, too.
            case .raw(UInt8(ascii: "*")), .scalar("*"):
                segments.append([])
                continue
            case .raw(let byte): bytes = [byte]
            case .scalar(let scalar): bytes = UTF8.encode(scalar).map(Array.init) ?? []
            case .escapedStar: bytes = [UInt8(ascii: "*")]
            case nil: return .failure(EscapeError(offset: start, length: max(1, position - start)))
            }
            segments[segments.count - 1].append(contentsOf: bytes)
        }
        return .success(Pattern(segments: segments))
    }

    /// The text as a Cedar string literal, with its quotes.
    static func quoted(_ text: Text) -> String {
        var output = "\""
        for scalar in text.string.unicodeScalars {
            switch scalar {
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case "\0": output += "\\0"
            case "\\": output += "\\\\"
            case "\"": output += "\\\""
            case let scalar where scalar.value < 0x20 || scalar.value == 0x7F || isInvisible(scalar):
                output += "\\u{\(String(scalar.value, radix: 16))}"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }

    /// Whether the content has a quote that no backslash precedes, so that it is not the content of one literal.
    static func hasBareQuote(_ content: [UInt8]) -> Bool {
        var escaped = false
        for byte in content {
            if escaped {
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\"") {
                return true
            }
        }
        return escaped
    }

    /// Formatting characters could make printed text read as something else.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .format, .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    private static func next(_ content: [UInt8], _ position: inout Int) -> Element? {
        let byte = content[position]
        position += 1
        // A bare carriage return is refused, as by the reference implementation.
        if byte == UInt8(ascii: "\r") { return nil }
        guard byte == UInt8(ascii: "\\") else { return .raw(byte) }
        guard position < content.count else { return nil }
        let escape = content[position]
        position += 1
        switch escape {
        case UInt8(ascii: "n"): return .scalar("\n")
        case UInt8(ascii: "r"): return .scalar("\r")
        case UInt8(ascii: "t"): return .scalar("\t")
        case UInt8(ascii: "0"): return .scalar("\0")
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): return .raw(escape)
        case UInt8(ascii: "*"): return .escapedStar
        case UInt8(ascii: "x"): return hexadecimal(content, &position)
        case UInt8(ascii: "u"): return unicode(content, &position)
        default: return nil
        }
    }

    /// `\xHH`, at most `7F`.
    private static func hexadecimal(_ content: [UInt8], _ position: inout Int) -> Element? {
        guard position + 2 <= content.count, let high = HexDigit.value(content[position]),
            let low = HexDigit.value(content[position + 1])
        else { return nil }
        position += 2
        let byte = high << 4 | low
        return byte < 0x80 ? .raw(byte) : nil
    }

    /// `\u{…}` with one to six digits; underscores may stand between and after digits.
    private static func unicode(_ content: [UInt8], _ position: inout Int) -> Element? {
        guard position < content.count, content[position] == UInt8(ascii: "{") else { return nil }
        position += 1
        var value: UInt32 = 0
        var digits = 0
        while position < content.count {
            let byte = content[position]
            position += 1
            if byte == UInt8(ascii: "}") {
                guard digits > 0, digits <= 6 else { return nil }
                return Unicode.Scalar(value).map(Element.scalar)
            }
            if byte == UInt8(ascii: "_"), digits > 0 { continue }
            guard let digit = HexDigit.value(byte) else { return nil }
            digits += 1
            if digits <= 6 { value = value << 4 | UInt32(digit) }
        }
        return nil
    }
}
