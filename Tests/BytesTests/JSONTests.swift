import Bytes
import Foundation
import Testing

@Suite("Strict JSON")
struct JSONTests {
    private func read(_ text: String, limits: JSONLimits = .request) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), limits: limits)
    }

    private func reason(_ bytes: [UInt8], limits: JSONLimits = .request) -> JSONError.Reason? {
        do {
            _ = try JSONValue(parsing: bytes, limits: limits)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func readsEveryKind() throws {
        let value = try read(#" {"n":null,"t":true,"f":false,"i":-12,"d":1.50,"s":"a\u00e9\n","a":[1,[2]],"o":{}} "#)
        #expect(value["n"]?.kind == .null)
        #expect(value["t"]?.boolean == true)
        #expect(value["f"]?.boolean == false)
        #expect(value["i"]?.integer == -12)
        #expect(value["d"]?.kind == .fraction)
        #expect(value["d"]?.token == "1.50")
        #expect(value["s"]?.string == "a\u{e9}\n")
        #expect(value["a"]?.elements.map(\.kind) == [.integer, .array])
        #expect(value["o"]?.count == 0)
        #expect(value["missing"] == nil)
        #expect(value.members.map(\.name) == ["n", "t", "f", "i", "d", "s", "a", "o"])
    }

    @Test func escapedAndPlainNamesAreOneName() {
        #expect(reason(Array(#"{"a":1,"\u0061":2}"#.utf8)) == .duplicateMember("a"))
    }

    @Test(arguments: [1, 2, 15, 16, 17, 18, 500])
    func duplicateMembersAreRefusedInObjectsOfEverySize(count: Int) {
        let members = (0..<count).map { "\"m\($0)\":0" }
        #expect(reason(Array("{\(members.joined(separator: ","))}".utf8)) == nil)
        let doubled = members + ["\"m0\":1"]
        #expect(reason(Array("{\(doubled.joined(separator: ","))}".utf8)) == .duplicateMember("m0"))
    }

    @Test(arguments: [
        ("", JSONError.Reason.unexpectedEnd, 0), ("{", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2),
        ("\"a", .unexpectedEnd, 2),
        ("[1,]", .expected("a value"), 3), ("[,1]", .expected("a value"), 1),
        ("{\"a\":1,}", .expected("a member name"), 7),
        ("{a:1}", .expected("a member name"), 1), ("{\"a\" 1}", .expected("`:`"), 5),
        ("[1 2]", .expected("`,` or `]`"), 3),
        ("1 1", .trailingBytes, 2), ("nul", .unexpectedEnd, 3), ("nulx", .expected("a value"), 0),
        ("+1", .expected("a value"), 0),
        ("01", .invalidNumber, 0), ("-", .invalidNumber, 0), ("1.", .invalidNumber, 0), ("1e", .invalidNumber, 0),
        (".5", .expected("a value"), 0), ("-0", .invalidNumber, 0), ("-01", .invalidNumber, 0),
        ("NaN", .expected("a value"), 0),
        ("\"\\x\"", .invalidEscape, 1), ("\"\\u12g4\"", .invalidEscape, 1), ("\"\\ud800\"", .loneSurrogate, 1),
        ("\"\\ud800\\u0041\"", .loneSurrogate, 1), ("\"\\udc00\"", .loneSurrogate, 1), ("\"\t\"", .controlCharacter, 1),
        ("\u{FEFF}1", .expected("a value"), 0), ("// x\n1", .expected("a value"), 0), ("'a'", .expected("a value"), 0),
    ])
    func malformedTextIsRefusedWithItsPosition(text: String, reason: JSONError.Reason, offset: Int) {
        #expect(throws: JSONError(reason, at: offset)) { try read(text) }
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xE0, 0x80, 0x80, 0x22],
            [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22], [0x22, 0xF0, 0x80, 0x80, 0x80, 0x22],
            [0x22, 0x80, 0x22],
        ] as [[UInt8]]
    )
    func malformedUTF8IsRefused(bytes: [UInt8]) {
        #expect(reason(bytes) == .invalidUTF8)
    }

    @Test func wellFormedUTF8OfEveryLengthIsRead() throws {
        #expect(
            try read("\"\u{7F}\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}\"").string?.byteCount
                == 25
        )
        #expect(try read(#""\ud83d\ude00""#).string == "😀")
    }

    @Test func depthIsBounded() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(reason(nested(31)) == nil)
        #expect(reason(nested(32)) == nil)
        #expect(reason(nested(33)) == .tooDeep(depthMax: 32))
        #expect(reason([UInt8](repeating: UInt8(ascii: "["), count: 200_000)) == .tooDeep(depthMax: 32))
    }

    @Test func nodesAndBytesAreBounded() {
        let limits = JSONLimits(bytesMax: 20, depthMax: 2, nodesMax: 4)
        #expect(reason(Array("[1,2,3]".utf8), limits: limits) == nil)
        #expect(reason(Array("[1,2,3,4]".utf8), limits: limits) == .tooManyNodes(nodesMax: 4))
        #expect(reason(Array(("[1]" + String(repeating: " ", count: 17)).utf8), limits: limits) == nil)
        #expect(
            reason(Array(("[1]" + String(repeating: " ", count: 18)).utf8), limits: limits) == .tooLarge(bytesMax: 20)
        )
    }

    @Test func integersBeyondTheInteroperableRangeAreRefused() throws {
        #expect(try read("9007199254740991").integer == 9_007_199_254_740_991)
        #expect(try read("-9007199254740991").integer == -9_007_199_254_740_991)
        #expect(reason(Array("9007199254740992".utf8)) == .integerOutOfRange)
        #expect(reason(Array("-9007199254740992".utf8)) == .integerOutOfRange)
        #expect(reason([UInt8](repeating: UInt8(ascii: "9"), count: 100_000)) == .integerOutOfRange)
        #expect(try read("-9223372036854775808", limits: .file).integer == Int64.min)
        #expect(reason(Array("9223372036854775808".utf8), limits: .file) == .integerOutOfRange)
    }

    @Test func everyPrefixOfATextIsRefusedAndNothingCrashes() throws {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",true,null],"b":{"c":"é"}}"#.utf8)
        #expect(reason(text) == nil)
        for length in 0..<text.count {
            #expect(reason(Array(text.prefix(length))) != nil)
        }
    }

    @Test(arguments: ["arrays", "french", "structures", "unicode", "values", "weird"])
    func canonicalFormMatchesThePublishedVectors(name: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/json-canonicalization")
        let input = [UInt8](try Data(contentsOf: folder.appendingPathComponent("\(name).input.json")))
        let output = [UInt8](try Data(contentsOf: folder.appendingPathComponent("\(name).output.json")))
        let value = try JSONValue(parsing: input)
        #expect(CanonicalJSON.encode(value) == output)
        #expect(CanonicalJSON.encode(try JSONValue(parsing: output)) == output)
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-1.5, "-1.5"), (1e21, "1e+21"), (1e20, "100000000000000000000"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"), (Double.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
        (333_333_333.33333329, "333333333.3333333"),
        (9_007_199_254_740_992, "9007199254740992"), (1.5e300, "1.5e+300"), (123.456, "123.456"),
    ])
    func numbersPrintAsECMAScriptDoes(number: Double, text: String) throws {
        let token = "\(number)".contains("e") || "\(number)".contains(".") ? "\(number)" : "\(number).0"
        #expect(CanonicalJSON.encode(try read(token)) == Array(text.utf8))
    }

    @Test func whatTheWriterWritesIsReadBack() throws {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("a", "q\"\\\u{1}\n\u{7f}é")
        writer.member("b", -7)
        writer.name("c")
        writer.beginArray()
        writer.boolean(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.endArray()
        writer.member("d", sha256: .zero)
        writer.endObject()
        let value = try JSONValue(parsing: writer.bytes)
        #expect(CanonicalJSON.encode(value) == writer.bytes)
        #expect(value["a"]?.string == "q\"\\\u{1}\n\u{7f}é")
    }
}
