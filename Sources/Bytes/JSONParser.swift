// The strict reader: one pass over the bytes, no recursion, every bound checked before it is spent.

/// Reads one JSON text into a tape.
///
/// RFC 8259 for the grammar, RFC 7493 (I-JSON) for what is refused beyond it.
struct JSONParser {
    /// The most characters of one number token; longer ones are refused.
    static let numberBytesMax = 64
    /// Objects up to this many members compare each new name with all before it; larger ones sort their names at the
    /// end.
    private static let pairwiseMembersMax = 16

    private var bytes: [UInt8]
    private let end: Int
    private let limits: JSONLimits
    private var position = 0
    private var nodes: [JSONNode] = []
    /// The positions on the tape of the arrays and objects that are open.
    private var open: [Int] = []

    init(text: [UInt8], limits: JSONLimits) {
        bytes = text
        end = text.count
        self.limits = limits
    }

    mutating func parse() throws(JSONError) -> JSONStorage {
        guard end <= limits.bytesMax, end < Int(UInt32.max) / 4 else {
            throw JSONError(.tooLarge(bytesMax: limits.bytesMax), at: limits.bytesMax)
        }
        nodes.reserveCapacity(min(limits.nodesMax, end / 6 + 4))
        skipSpace()
        try value()
        while !open.isEmpty {
            try continueContainer()
        }
        skipSpace()
        guard position == end else { throw JSONError(.trailingBytes, at: position) }
        return JSONStorage(bytes: bytes, nodes: nodes)
    }

    /// Reads the next element or member of the innermost open container, or its end.
    private mutating func continueContainer() throws(JSONError) {
        guard let container = open.last else { return }
        let isObject = nodes[container].kind == .object
        let close = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        skipSpace()
        guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
        if bytes[position] == close {
            position += 1
            try closeContainer(container, isObject: isObject)
            return
        }
        if nodes[container].length > 0 {
            guard bytes[position] == UInt8(ascii: ",") else {
                throw JSONError(.expected(isObject ? "`,` or `}`" : "`,` or `]`"), at: position)
            }
            position += 1
            skipSpace()
        }
        nodes[container].length += 1
        if isObject {
            try memberName(of: container)
        }
        try value()
    }

    private mutating func closeContainer(_ container: Int, isObject: Bool) throws(JSONError) {
        nodes[container].end = UInt32(nodes.count)
        open.removeLast()
        if isObject, nodes[container].length > Self.pairwiseMembersMax {
            try refuseDuplicates(in: container)
        }
    }

    private mutating func memberName(of container: Int) throws(JSONError) {
        guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
        guard bytes[position] == UInt8(ascii: "\"") else { throw JSONError(.expected("a member name"), at: position) }
        let start = position
        try string()
        if nodes[container].length <= Self.pairwiseMembersMax {
            let name = nodes.count - 1
            var other = container + 1
            while other < name {
                if haveEqualContent(other, name) {
                    throw JSONError(.duplicateMember(text(of: name)), at: start)
                }
                other = Int(nodes[other + 1].end)
            }
        }
        skipSpace()
        guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
        guard bytes[position] == UInt8(ascii: ":") else { throw JSONError(.expected("`:`"), at: position) }
        position += 1
        skipSpace()
    }

    private func haveEqualContent(_ left: Int, _ right: Int) -> Bool {
        let length = Int(nodes[left].length)
        guard length == Int(nodes[right].length) else { return false }
        let leftStart = Int(nodes[left].offset)
        let rightStart = Int(nodes[right].offset)
        for position in 0..<length where bytes[leftStart + position] != bytes[rightStart + position] {
            return false
        }
        return true
    }

    /// Sorts the names of a large object and refuses two equal neighbours; O(n log n) whatever a hostile text does.
    private func refuseDuplicates(in container: Int) throws(JSONError) {
        var names: [Int] = []
        var name = container + 1
        while name < Int(nodes[container].end) {
            names.append(name)
            name = Int(nodes[name + 1].end)
        }
        names.sort { content(of: $0).lexicographicallyPrecedes(content(of: $1)) }
        for (left, right) in zip(names, names.dropFirst()) where haveEqualContent(left, right) {
            let later = max(left, right)
            throw JSONError(.duplicateMember(text(of: later)), at: min(Int(nodes[later].offset), end))
        }
    }

    private func content(of node: Int) -> ArraySlice<UInt8> {
        bytes[Int(nodes[node].offset)..<Int(nodes[node].offset) + Int(nodes[node].length)]
    }

    private func text(of node: Int) -> Text {
        Text(String(decoding: content(of: node), as: UTF8.self))
    }

    private mutating func value() throws(JSONError) {
        guard position < end else { throw JSONError(.unexpectedEnd, at: position) }
        switch bytes[position] {
        case UInt8(ascii: "{"): try container(.object)
        case UInt8(ascii: "["): try container(.array)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try word("true", .true)
        case UInt8(ascii: "f"): try word("false", .false)
        case UInt8(ascii: "n"): try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw JSONError(.expected("a value"), at: position)
        }
    }

    private mutating func container(_ kind: JSONValue.Kind) throws(JSONError) {
        guard open.count < limits.depthMax else { throw JSONError(.tooDeep(depthMax: limits.depthMax), at: position) }
        open.append(nodes.count)
        try append(kind, offset: position, length: 0)
        position += 1
    }

    private mutating func append(_ kind: JSONValue.Kind, offset: Int, length: Int) throws(JSONError) {
        guard nodes.count < limits.nodesMax else {
            throw JSONError(.tooManyNodes(nodesMax: limits.nodesMax), at: position)
        }
        let end = UInt32(nodes.count + 1)
        nodes.append(JSONNode(kind: kind, offset: UInt32(offset), length: UInt32(length), end: end))
    }

    private mutating func word(_ word: StaticString, _ kind: JSONValue.Kind) throws(JSONError) {
        let text = String(describing: word).utf8
        guard end - position >= text.count else { throw JSONError(.unexpectedEnd, at: end) }
        guard bytes[position..<position + text.count].elementsEqual(text) else {
            throw JSONError(.expected("a value"), at: position)
        }
        try append(kind, offset: position, length: text.count)
        position += text.count
    }

    private mutating func skipSpace() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }
}

// MARK: - Numbers

extension JSONParser {
    private mutating func number() throws(JSONError) {
        let start = position
        var isFraction = false
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let integerStart = position
        guard digits() > 0 else { throw JSONError(.invalidNumber, at: start) }
        guard bytes[integerStart] != UInt8(ascii: "0") || position == integerStart + 1 else {
            throw JSONError(.invalidNumber, at: start)
        }
        let integerEnd = position
        if position < end, bytes[position] == UInt8(ascii: ".") {
            isFraction = true
            position += 1
            guard digits() > 0 else { throw JSONError(.invalidNumber, at: start) }
        }
        if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isFraction = true
            position += 1
            if position < end, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard digits() > 0 else { throw JSONError(.invalidNumber, at: start) }
        }
        guard position - start <= Self.numberBytesMax else {
            throw JSONError(isFraction ? .invalidNumber : .integerOutOfRange, at: start)
        }
        if !isFraction {
            try checkInteger(start: start, digits: integerStart..<integerEnd)
        }
        try append(isFraction ? .fraction : .integer, offset: start, length: position - start)
    }

    /// Refuses an integer outside the limit, and the second spelling of zero.
    private func checkInteger(start: Int, digits: Range<Int>) throws(JSONError) {
        let isNegative = start != digits.lowerBound
        var magnitude: UInt64 = 0
        for digit in bytes[digits] {
            let (product, overflows) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !overflows, !carries else { throw JSONError(.integerOutOfRange, at: start) }
            magnitude = sum
        }
        guard magnitude <= limits.integerMax, magnitude <= UInt64(Int64.max) + (isNegative ? 1 : 0) else {
            throw JSONError(.integerOutOfRange, at: start)
        }
        guard !isNegative || magnitude != 0 else { throw JSONError(.invalidNumber, at: start) }
    }

    /// Skips decimal digits and says how many there were.
    private mutating func digits() -> Int {
        let start = position
        while position < end, bytes[position] >= UInt8(ascii: "0"), bytes[position] <= UInt8(ascii: "9") {
            position += 1
        }
        return position - start
    }
}

// MARK: - Strings

extension JSONParser {
    private mutating func string() throws(JSONError) {
        position += 1
        let start = position
        while position < end {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                try append(.string, offset: start, length: position - start)
                position += 1
                return
            }
            if byte == UInt8(ascii: "\\") {
                try stringWithEscapes(start: start)
                return
            }
            guard byte >= 0x20 else { throw JSONError(.controlCharacter, at: position) }
            position += byte < 0x80 ? 1 : try scalarLength(at: position)
        }
        throw JSONError(.unexpectedEnd, at: end)
    }

    /// Reads a string that has an escape at the current position, into the space behind the source.
    private mutating func stringWithEscapes(start: Int) throws(JSONError) {
        let target = bytes.count
        bytes.append(contentsOf: Array(bytes[start..<position]))
        while position < end {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                try append(.string, offset: target, length: bytes.count - target)
                position += 1
                return
            case UInt8(ascii: "\\"):
                try escape()
            case 0..<0x20:
                throw JSONError(.controlCharacter, at: position)
            default:
                let length = byte < 0x80 ? 1 : try scalarLength(at: position)
                for _ in 0..<length {
                    bytes.append(bytes[position])
                    position += 1
                }
            }
        }
        throw JSONError(.unexpectedEnd, at: end)
    }

    private mutating func escape() throws(JSONError) {
        guard position + 1 < end else { throw JSONError(.unexpectedEnd, at: end) }
        let plain: UInt8
        switch bytes[position + 1] {
        case UInt8(ascii: "\""): plain = UInt8(ascii: "\"")
        case UInt8(ascii: "\\"): plain = UInt8(ascii: "\\")
        case UInt8(ascii: "/"): plain = UInt8(ascii: "/")
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0C
        case UInt8(ascii: "n"): plain = 0x0A
        case UInt8(ascii: "r"): plain = 0x0D
        case UInt8(ascii: "t"): plain = 0x09
        case UInt8(ascii: "u"):
            try unicodeEscape()
            return
        default: throw JSONError(.invalidEscape, at: position)
        }
        bytes.append(plain)
        position += 2
    }

    private mutating func unicodeEscape() throws(JSONError) {
        let start = position
        var code = try fourDigits(at: position + 2)
        position += 6
        if code & 0xFC00 == 0xD800 {
            guard position + 1 < end, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
            else {
                throw JSONError(.loneSurrogate, at: start)
            }
            let low = try fourDigits(at: position + 2)
            guard low & 0xFC00 == 0xDC00 else { throw JSONError(.loneSurrogate, at: start) }
            code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
            position += 6
        }
        guard let scalar = Unicode.Scalar(code) else { throw JSONError(.loneSurrogate, at: start) }
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    private func fourDigits(at start: Int) throws(JSONError) -> UInt32 {
        guard start + 4 <= end else { throw JSONError(.unexpectedEnd, at: end) }
        var code: UInt32 = 0
        for digit in bytes[start..<start + 4] {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - UInt8(ascii: "A") + 10
            default: throw JSONError(.invalidEscape, at: start - 2)
            }
            code = code << 4 | UInt32(value)
        }
        return code
    }

    /// The length of the well-formed UTF-8 sequence that begins here (Unicode 15, table 3-7).
    private func scalarLength(at start: Int) throws(JSONError) -> Int {
        let lead = bytes[start]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: throw JSONError(.invalidUTF8, at: start)
        }
        guard start + length <= end, second.contains(bytes[start + 1]) else { throw JSONError(.invalidUTF8, at: start) }
        for position in (start + 2)..<max(start + length, start + 2) where bytes[position] & 0xC0 != 0x80 {
            throw JSONError(.invalidUTF8, at: start)
        }
        return length
    }
}
