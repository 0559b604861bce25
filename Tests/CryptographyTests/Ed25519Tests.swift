import Bytes
import CSodium
import Cryptography
import Testing

@Suite struct Ed25519Tests {
    @Test func signaturesAreThoseOfTheAuthorsOfTheAlgorithm() throws {
        let lines = try Fixture.bytes("ed25519-sign-input/sign.input.first128.txt").split(separator: 0x0a)
        #expect(lines.count == 128)
        for line in lines {
            // Seed and public key, public key, message, signature and message.
            let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            try #require(fields.count >= 4)
            let values = try fields.map { try Fixture.hex(String(decoding: $0, as: UTF8.self)) }
            let key = try Ed25519PrivateKey(seed: Array(values[0].prefix(32)))
            #expect(key.publicKey.bytes == values[1])
            let signature = key.sign(values[2])
            #expect(signature.bytes + values[2] == values[3])
            #expect(key.publicKey.isValid(signature, for: values[2]))
            #expect(!key.publicKey.isValid(signature, for: values[2] + [0]))
        }
    }

    @Test func wycheproofVerdictsHold() throws {
        let file = try Fixture.object(
            Fixture.json("wycheproof/ed25519_test.json"),
            keys: ["algorithm", "schema", "numberOfTests", "header", "notes", "testGroups"]
        )
        var counts = ["valid": 0, "invalid": 0]
        for group in try #require(file["testGroups"] as? [Any]) {
            let group = try Fixture.object(
                group,
                keys: ["type", "source", "publicKey", "publicKeyDer", "publicKeyPem", "publicKeyJwk", "tests"]
            )
            let keyFields = try Fixture.object(group["publicKey"], keys: ["type", "curve", "keySize", "pk"])
            let key = try Ed25519PublicKey(strict: Fixture.hex(keyFields["pk"]))
            for test in try #require(group["tests"] as? [Any]) {
                let test = try Fixture.object(test, keys: ["tcId", "comment", "flags", "msg", "sig", "result"])
                let result = try #require(test["result"] as? String)
                let signature = Ed25519Signature(bytes: try Fixture.hex(test["sig"]))
                let message = try Fixture.hex(test["msg"])
                let isValid = signature.map { key.isValid($0, for: message) } ?? false
                #expect(isValid == (result == "valid"), "case \(test["tcId"] ?? "")")
                counts[result, default: 0] += 1
            }
        }
        #expect(counts == ["valid": 88, "invalid": 63])
    }

    /// Of the 914 edge cases, libsodium's verification alone accepts 43: those with keys of mixed order among them.
    ///
    /// Enrolment lets in only the one sound key of 28 cases, and of these only the one without any peculiarity passes.
    @Test func edgeCasesAreRefused() throws {
        let cases = try #require(try Fixture.json("cctv/ed25519vectors.json") as? [Any])
        #expect(cases.count == 914)
        var acceptedByLibrary = 0
        var enrolled = 0
        var accepted: [Int] = []
        for value in cases {
            let test = try Fixture.object(value, keys: ["number", "key", "sig", "msg", "flags"])
            let keyBytes = try Fixture.hex(test["key"])
            let signature = try #require(Ed25519Signature(bytes: try Fixture.hex(test["sig"])))
            let message = Array(try #require(test["msg"] as? String).utf8)
            let status = unsafe crypto_sign_verify_detached(signature.bytes, message, UInt64(message.count), keyBytes)
            acceptedByLibrary += status == 0 ? 1 : 0
            guard let key = try? Ed25519PublicKey(strict: keyBytes) else { continue }
            enrolled += 1
            guard key.isValid(signature, for: message) else { continue }
            accepted.append(try #require(test["number"] as? Int))
            #expect((test["flags"] as? [String] ?? []).isEmpty)
        }
        #expect(acceptedByLibrary == 43)
        #expect(enrolled == 28)
        #expect(accepted == [305])
    }

    /// The points of small order and encodings that are not canonical, from libsodium's list and RFC 8032 §5.1.3.
    @Test(
        arguments: [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000080",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            // Not on the curve.
            "0200000000000000000000000000000000000000000000000000000000000000",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        ]
    )
    func weakKeyIsRefused(hex: String) throws {
        let bytes = try #require(Hex.decode(hex))
        #expect(throws: KeyError.weakOrMalformedPoint) { try Ed25519PublicKey(strict: bytes) }
    }

    @Test func keyOfAnotherLengthIsRefused() throws {
        let key = try Ed25519PrivateKey(seed: [UInt8](repeating: 1, count: 32))
        #expect(try Ed25519PublicKey(strict: key.publicKey.bytes) == key.publicKey)
        #expect(throws: KeyError.length) { try Ed25519PublicKey(strict: key.publicKey.bytes.dropLast()) }
        #expect(throws: KeyError.length) { try Ed25519PublicKey(strict: key.publicKey.bytes + [0]) }
        #expect(throws: KeyError.length) { try Ed25519PublicKey(strict: []) }
        for count in [0, 31, 33] {
            #expect(throws: KeyError.length) { try Ed25519PrivateKey(seed: [UInt8](repeating: 1, count: count)) }
        }
    }

    @Test func signatureHasExactlySixtyFourBytes() {
        #expect(Ed25519Signature(bytes: [UInt8](repeating: 0, count: 64)) != nil)
        #expect(Ed25519Signature(bytes: [UInt8](repeating: 0, count: 63)) == nil)
        #expect(Ed25519Signature(bytes: [UInt8](repeating: 0, count: 65)) == nil)
    }

    @Test func everyFlippedBitOfASignatureIsRefused() throws {
        let key = try Ed25519PrivateKey(seed: [UInt8](repeating: 9, count: 32))
        let signature = key.sign([1, 2, 3])
        #expect(key.publicKey.isValid(signature, for: [1, 2, 3]))
        for bit in 0..<512 {
            var bytes = signature.bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let flipped = try #require(Ed25519Signature(bytes: bytes))
            #expect(!key.publicKey.isValid(flipped, for: [1, 2, 3]))
        }
    }

    @Test func emptyMessageCanBeSigned() throws {
        let key = try Ed25519PrivateKey(seed: [UInt8](repeating: 9, count: 32))
        #expect(key.publicKey.isValid(key.sign([]), for: []))
        #expect(!key.publicKey.isValid(key.sign([]), for: [0]))
    }

    @Test func generatedKeysDiffer() throws {
        let first = try Ed25519PrivateKey.generate()
        let second = try Ed25519PrivateKey.generate()
        #expect(first.publicKey != second.publicKey)
        #expect(first.publicKey.isValid(first.sign([1]), for: [1]))
        #expect(!second.publicKey.isValid(first.sign([1]), for: [1]))
    }

    @Test func printedPrivateKeyShowsNothingOfTheSeed() throws {
        let seed = [UInt8](repeating: 0xd7, count: 32)
        let key = try Ed25519PrivateKey(seed: seed)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("d7d7") && !text.contains("215, 215") && !text.contains("215\n"))
        }
    }
}

@Suite struct SecretBytesTests {
    @Test(arguments: [1, 4_096]) func secretOfAnAllowedLengthKeepsItsBytes(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let secret = try unsafe bytes.withUnsafeBytes { try unsafe SecretBytes(copying: $0) }
        #expect(secret.count == count)
        #expect(unsafe secret.withUnsafeBytes { unsafe Array($0) } == bytes)
    }

    @Test(arguments: [0, 4_097]) func secretOfAnotherLengthIsRefused(count: Int) {
        let bytes = [UInt8](repeating: 1, count: count)
        #expect(throws: KeyError.secretLength) {
            try unsafe bytes.withUnsafeBytes { try unsafe SecretBytes(copying: $0) }
        }
    }
}
