import Bytes
import Testing

@Suite("Text, digests and encodings")
struct EncodingTests {
    @Test func textComparesBytesAndNotCanonicalEquivalence() {
        #expect(Text("\u{e9}") != Text("e\u{301}"))
        #expect("\u{e9}" == "e\u{301}", "Swift strings do treat them as equal")
        #expect(Set<Text>(["\u{e9}", "e\u{301}"]).count == 2)
        #expect(Text("a") < Text("b"))
        #expect(Text(utf8: [0x61, 0xFF]) == nil)
        #expect(Text(utf8: [0x61]) == "a")
    }

    @Test func hexHasOneSpelling() {
        #expect(Hex.encode([0, 15, 255]) == "000fff")
        #expect(Hex.decode("000fff") == [0, 15, 255])
        for wrong in ["0", "0F", "0g", " 00", "00 ", "0x00"] {
            #expect(Hex.decode(wrong) == nil)
        }
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64MatchesRFC4648(plain: String, encoded: String) {
        let bytes = Array(plain.utf8)
        #expect(Base64.encode(bytes) == encoded)
        #expect(Base64.decode(encoded) == bytes)
        let unpadded = String(encoded.prefix { $0 != "=" })
        #expect(Base64URL.encode(bytes) == unpadded)
        #expect(Base64URL.decode(unpadded) == bytes)
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z", "Zm9v\n", " Zm9v", "Zm9vZg=a", "====", "=", "Zm-_", "Zg==Zg==",
    ])
    func base64HasOneSpelling(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test(arguments: ["Zg==", "Zh", "Z", "Zm9v\n", "Zm+/"])
    func base64URLHasOneSpelling(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func digestsKeepTheirBytes() throws {
        let bytes = (0..<32).map { UInt8($0 * 7) }
        let digest = try #require(Digest(bytes: bytes))
        #expect(digest.bytes == bytes)
        #expect((0..<32).map { digest[$0] } == bytes)
        #expect(Digest(hex: digest.hex) == digest)
        #expect(Digest(bytes: bytes.dropLast()) == nil)
        #expect(Digest(hex: String(repeating: "A", count: 64)) == nil)
        #expect(Digest.zero < digest)
    }
}
