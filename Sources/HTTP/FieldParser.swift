/// What the framing fields of a head say, gathered while its fields are read.
struct FramingFields {
    var contentLength: Int?
    var isChunked = false
    var closes = false
    var expectsContinue = false
    var host: ByteRange?
    var seen: SingleFields = []

    /// The fields that may occur once; a second one is refused, whatever it says.
    struct SingleFields: OptionSet {
        let rawValue: UInt16

        static let host = SingleFields(rawValue: 1)
        static let contentLength = SingleFields(rawValue: 2)
        static let transferEncoding = SingleFields(rawValue: 4)
        static let expect = SingleFields(rawValue: 8)
        static let authorization = SingleFields(rawValue: 16)
        static let contentType = SingleFields(rawValue: 32)
        static let origin = SingleFields(rawValue: 64)
        static let location = SingleFields(rawValue: 128)
        static let requestID = SingleFields(rawValue: 256)
        static let proxyAuthorization = SingleFields(rawValue: 512)
    }

    mutating func once(_ field: SingleFields) throws(MessageError) {
        guard seen.insert(field).inserted else {
            throw .repeatedField
        }
    }
}

/// Reads the field lines of a head that ``HeadScanner`` has found to be complete.
enum FieldParser {
    /// Reads every field from `start` up to the empty line that ends at `end`.
    static func parse(
        _ bytes: Span<UInt8>,
        start: Int,
        end: Int,
        into fields: inout FieldTable
    ) throws(MessageError) -> FramingFields {
        var framing = FramingFields()
        var index = start
        let last = end - 2
        while index < last {
            let field = try parseLine(bytes, from: &index)
            try fields.append(field)
            try note(field, in: bytes, framing: &framing)
        }
        if framing.isChunked, framing.contentLength != nil {
            throw .contentLengthWithTransferEncoding
        }
        return framing
    }

    private static func parseLine(_ bytes: Span<UInt8>, from index: inout Int) throws(MessageError) -> FieldRange {
        let nameStart = index
        if bytes[index] == CharacterClass.space || bytes[index] == CharacterClass.tab {
            throw .obsoleteFolding
        }
        // The scanner guarantees that CR LF ends this line, and CR is no token character.
        while CharacterClass.token.contains(bytes[index]) {
            index += 1
        }
        let nameEnd = index
        guard bytes[index] == CharacterClass.colon else {
            throw bytes[index] == CharacterClass.carriageReturn ? .malformedFieldLine : .invalidFieldName
        }
        guard nameEnd > nameStart else {
            throw .malformedFieldLine
        }
        index += 1
        while isWhiteSpace(bytes[index]) {
            index += 1
        }
        let valueStart = index
        var valueEnd = index
        while bytes[index] != CharacterClass.carriageReturn {
            guard CharacterClass.isFieldValue(bytes[index]) else {
                throw .invalidFieldValue
            }
            if !isWhiteSpace(bytes[index]) {
                valueEnd = index + 1
            }
            index += 1
        }
        guard bytes[index + 1] == CharacterClass.lineFeed else {
            throw .bareCarriageReturn
        }
        index += 2
        return FieldRange(name: ByteRange(nameStart, nameEnd), value: ByteRange(valueStart, valueEnd))
    }

    @inline(__always)
    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == CharacterClass.space || byte == CharacterClass.tab
    }

    /// Acts on the fields that decide about framing or credentials; all others are only kept.
    ///
    /// The length of the name comes first, so that most fields cost one comparison.
    private static func note(
        _ field: FieldRange,
        in bytes: Span<UInt8>,
        framing: inout FramingFields
    ) throws(MessageError) {
        let name = field.name
        switch name.count {
        case 4 where bytes.equalsIgnoringCase(name, "host"):
            try framing.once(.host)
            framing.host = field.value
        case 6 where bytes.equalsIgnoringCase(name, "expect"):
            try framing.once(.expect)
            try noteExpectation(field.value, in: bytes, framing: &framing)
        case 6 where bytes.equalsIgnoringCase(name, "origin"):
            try framing.once(.origin)
        case 8 where bytes.equalsIgnoringCase(name, "location"):
            try framing.once(.location)
        case 10 where bytes.equalsIgnoringCase(name, "connection"):
            noteConnection(field.value, in: bytes, framing: &framing)
        case 12 where bytes.equalsIgnoringCase(name, "content-type"):
            try framing.once(.contentType)
        case 12 where bytes.equalsIgnoringCase(name, "x-request-id"):
            try framing.once(.requestID)
        case 13 where bytes.equalsIgnoringCase(name, "authorization"):
            try framing.once(.authorization)
        case 14 where bytes.equalsIgnoringCase(name, "content-length"):
            try framing.once(.contentLength)
            framing.contentLength = try parseLength(field.value, in: bytes)
        case 16 where bytes.equalsIgnoringCase(name, "content-encoding"):
            throw .contentEncoding
        case 17 where bytes.equalsIgnoringCase(name, "transfer-encoding"):
            try framing.once(.transferEncoding)
            guard bytes.equals(field.value, "chunked") else {
                throw .unsupportedTransferEncoding
            }
            framing.isChunked = true
        case 19 where bytes.equalsIgnoringCase(name, "proxy-authorization"):
            try framing.once(.proxyAuthorization)
        default:
            break
        }
    }

    private static func noteExpectation(
        _ value: ByteRange,
        in bytes: Span<UInt8>,
        framing: inout FramingFields
    ) throws(MessageError) {
        guard bytes.equalsIgnoringCase(value, "100-continue") else {
            throw .unsupportedExpectation
        }
        framing.expectsContinue = true
    }

    /// Looks for the option `close` in a list of connection options; unknown options mean nothing to us.
    private static func noteConnection(_ value: ByteRange, in bytes: Span<UInt8>, framing: inout FramingFields) {
        var start = value.lower
        for index in value.lower...value.upper where index == value.upper || bytes[index] == 0x2C {
            var lower = start
            var upper = index
            while lower < upper, isWhiteSpace(bytes[lower]) {
                lower += 1
            }
            while upper > lower, isWhiteSpace(bytes[upper - 1]) {
                upper -= 1
            }
            if bytes.equalsIgnoringCase(ByteRange(lower, upper), "close") {
                framing.closes = true
            }
            start = index + 1
        }
    }

    /// Reads a content length in its one spelling: decimal digits without sign, list or leading zeros.
    private static func parseLength(_ value: ByteRange, in bytes: Span<UInt8>) throws(MessageError) -> Int {
        guard value.count > 0 else {
            throw .invalidContentLength
        }
        for index in value.lower..<value.upper where !CharacterClass.isDigit(bytes[index]) {
            throw .invalidContentLength
        }
        if value.count > 1, bytes[value.lower] == CharacterClass.zero {
            throw .invalidContentLength
        }
        guard value.count <= HTTPLimits.contentLengthDigitsMax else {
            throw .bodyTooLarge
        }
        var length = 0
        for index in value.lower..<value.upper {
            length = length * 10 + Int(bytes[index] - CharacterClass.zero)
        }
        return length
    }
}
