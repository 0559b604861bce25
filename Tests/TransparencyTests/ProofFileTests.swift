import Bytes
import Cryptography
import Testing
import Transparency

private let hashLine = "6xnWdzkhWRO5nvEcdE8Hmt/D9kETw32h+aZq+7V5O08=\n"

private let malformedHashes: [String] = [
    "AAAA\n",
    " \(hashLine)",
    // Not canonical: a bit that is not used is set, padding missing.
    "6xnWdzkhWRO5nvEcdE8Hmt/D9kETw32h+aZq+7V5O09=\n",
    "6xnWdzkhWRO5nvEcdE8Hmt/D9kETw32h+aZq+7V5O08\n",
    "\n\(hashLine)",
    "\(hashLine)\n",
]

@Suite struct ProofFileTests {
    private static let names = ["1-0", "7-3", "8-7", "257-128", "1367-683"]

    private struct Keys {
        let log: NoteVerifierKey
        let witness: NoteVerifierKey

        init() throws {
            log = try NoteVerifierKey(text: Fixture.bytes("own-tlog/log.vkey"))
            witness = try NoteVerifierKey(text: Fixture.bytes("own-tlog/wit.vkey"))
        }
    }

    @Test(arguments: names) func ownProofVerifiesAndKeepsItsBytes(name: String) throws {
        let keys = try Keys()
        let bytes = try Fixture.bytes("own-tlog/\(name).tlog-proof")
        let leaf = TreeHash.leaf(try Fixture.bytes("own-tlog/\(name).rec"))
        let proof = try ProofFile(bytes)
        #expect(proof.encoded == bytes)
        #expect(proof.extra == nil)
        let verified = try proof.verify(leaf: leaf, logKey: keys.log, witnessKeys: [keys.witness])
        #expect("\(verified.checkpoint.size)-\(proof.index)" == name)
        #expect(verified.note.signers.map(\.time) == [nil, 1_700_000_000])
        #expect(throws: ProofFileError.proof(.root)) { try proof.verify(leaf: TreeHash.leaf([1]), logKey: keys.log) }
        #expect(throws: ProofFileError.checkpoint(.key)) { try proof.verify(leaf: leaf, logKey: keys.witness) }
    }

    /// What a changed file still proves is the very same: only a cosignature can turn into one of an unknown key.
    @Test(arguments: names) func everyFlippedBitIsRefusedOrChangesNothing(name: String) throws {
        let keys = try Keys()
        let bytes = try Fixture.bytes("own-tlog/\(name).tlog-proof")
        let leaf = TreeHash.leaf(try Fixture.bytes("own-tlog/\(name).rec"))
        let original = try ProofFile(bytes)
        let checkpoint = try original.verify(leaf: leaf, logKey: keys.log).checkpoint
        var accepted = 0
        for position in bytes.indices {
            // In the small files every bit, in the others one bit of every byte.
            for bit in bytes.count < 500 ? 0..<8 : (position % 8)..<(position % 8 + 1) {
                var flipped = bytes
                flipped[position] ^= 1 << UInt8(bit)
                guard let proof = try? ProofFile(flipped) else { continue }
                #expect(proof.encoded == flipped)
                guard let verified = try? proof.verify(leaf: leaf, logKey: keys.log, witnessKeys: [keys.witness]) else {
                    continue
                }
                accepted += 1
                #expect((proof.index, proof.hashes) == (original.index, original.hashes))
                #expect(verified.checkpoint == checkpoint)
                #expect(verified.note.signers.map(\.key) == [keys.log])
            }
        }
        #expect(accepted > 0)
    }

    @Test(arguments: names) func everyCutIsRefused(name: String) throws {
        let keys = try Keys()
        let bytes = try Fixture.bytes("own-tlog/\(name).tlog-proof")
        let leaf = TreeHash.leaf(try Fixture.bytes("own-tlog/\(name).rec"))
        var accepted = 0
        for count in bytes.indices {
            guard let proof = try? ProofFile(Array(bytes.prefix(count))) else { continue }
            // The only cut that is left is that of the whole line of the witness.
            accepted += 1
            #expect(try proof.verify(leaf: leaf, logKey: keys.log, witnessKeys: [keys.witness]).note.signers.count == 1)
        }
        #expect(accepted == 1)
        #expect(throws: ProofFileError.checkpoint(.note(.form))) { try ProofFile(bytes + [0x20]) }
        #expect(throws: ProofFileError.checkpoint(.note(.form))) { try ProofFile(bytes + [0x0a]) }
    }

    private static let note = "log.example\n7\n\(hashLine)\n\u{2014} log.example AAAAAAA=\n"

    private func file(extra: String = "", index: String = "index 3\n", hashes: String = hashLine) -> [UInt8] {
        Array("c2sp.org/tlog-proof@v1\n\(extra)\(index)\(hashes)\n\(Self.note)".utf8)
    }

    @Test(arguments: ["", "extra AA==\n", "extra AAAA\n"]) func extraLineIsOptional(extra: String) throws {
        let bytes = file(extra: extra)
        let proof = try ProofFile(bytes)
        #expect(proof.encoded == bytes)
        #expect(proof.extra?.count == (extra.isEmpty ? nil : extra.contains("=") ? 1 : 3))
    }

    @Test(
        arguments: [
            "extra \n", "extra\n", "extra AA=\n", "extra AA\n", "extra AB==\n", "extra  AA==\n", "extra AA== \n",
            "Extra AA==\n", "extra AA==\nextra AA==\n", "extra AA==\r\n", "\n", "other\n",
        ]
    )
    func otherExtraLineIsRefused(extra: String) {
        #expect(throws: ProofFileError.self) { try ProofFile(file(extra: extra)) }
    }

    @Test(
        arguments: [
            "", "index\n", "index \n", "index 03\n", "index +3\n", "index  3\n", "index 3 \n", "index -1\n",
            "Index 3\n",
            "index 9223372036854775808\n", "index 0x3\n", "index 3\nindex 3\n", "index 3\nextra AA==\n",
        ]
    )
    func otherIndexLineIsRefused(index: String) {
        #expect(throws: ProofFileError.self) { try ProofFile(file(index: index)) }
    }

    @Test(arguments: malformedHashes)
    func malformedHashesAreRefused(hashes: String) {
        #expect(throws: ProofFileError.self) {
            let proof = try ProofFile(file(hashes: hashes))
            _ = try proof.verify(leaf: .zero, logKey: Keys().log)
        }
    }

    @Test func headerIsThatOfTheFormat() throws {
        #expect(throws: ProofFileError.header) { try ProofFile([]) }
        #expect(throws: ProofFileError.header) { try ProofFile(Array(file().dropFirst())) }
        #expect(throws: ProofFileError.index) { try ProofFile(Array("c2sp.org/tlog-proof@v1\n".utf8)) }
        #expect(throws: ProofFileError.header) { try ProofFile(Array("c2sp.org/tlog-proof@v2\nindex 0\n".utf8)) }
    }

    @Test func numberOfHashesIsLimited() throws {
        for count in [0, ProofFile.hashCountMax - 1, ProofFile.hashCountMax] {
            let proof = try ProofFile(file(hashes: String(repeating: hashLine, count: count)))
            #expect(proof.hashes.count == count)
        }
        #expect(throws: ProofFileError.hashes) {
            try ProofFile(file(hashes: String(repeating: hashLine, count: ProofFile.hashCountMax + 1)))
        }
    }

    @Test func lengthOfTheExtraBytesIsLimited() throws {
        for count in [ProofFile.extraByteCountMax - 1, ProofFile.extraByteCountMax] {
            let extra = "extra \(Base64.encode([UInt8](repeating: 1, count: count)))\n"
            #expect(try ProofFile(file(extra: extra)).extra?.count == count)
        }
        let extra = "extra \(Base64.encode([UInt8](repeating: 1, count: ProofFile.extraByteCountMax + 1)))\n"
        #expect(throws: ProofFileError.extra) { try ProofFile(file(extra: extra)) }
        #expect(throws: ProofFileError.tooLong) {
            try ProofFile([UInt8](repeating: 0x61, count: ProofFile.byteCountMax + 1))
        }
        #expect(throws: ProofFileError.header) {
            try ProofFile([UInt8](repeating: 0x61, count: ProofFile.byteCountMax))
        }
    }

    /// A receipt of the log: statement in the extra line, proof of the tail, checkpoint of the key.
    @Test func proofThatTheLogWritesVerifies() throws {
        let name = try NoteKeyName("log.example/1")
        let key = NoteSignerKey(
            name: name,
            algorithm: .ed25519,
            privateKey: try Ed25519PrivateKey(seed: [UInt8](repeating: 8, count: 32))
        )
        let statements = (0..<40).map { Array("{\"n\":\($0)}".utf8) }
        var tail = TreeTail()
        for statement in statements { try tail.append(leaf: TreeHash.leaf(statement)) }
        let edge = try tail.edge(size: 40)
        let note = try Checkpoint(origin: name, size: 40, root: edge.root).signed(by: key).encoded
        var buffer = ByteBuilder(capacity: 0)
        var ends: [Int] = []
        for (index, statement) in statements.enumerated() {
            var hashes: [Digest] = []
            try tail.appendInclusionProof(of: UInt64(index), in: edge, to: &hashes)
            ProofFile.append(extra: statement, index: UInt64(index), hashes: hashes, checkpoint: note, to: &buffer)
            ends.append(buffer.count)
        }
        for (index, end) in ends.enumerated() {
            let proof = try ProofFile(Array(buffer.bytes[(index == 0 ? 0 : ends[index - 1])..<end]))
            #expect(proof.extra == statements[index])
            let leaf = TreeHash.leaf(try #require(proof.extra))
            #expect(try proof.verify(leaf: leaf, logKey: key.verifierKey).checkpoint.size == 40)
        }
    }
}
