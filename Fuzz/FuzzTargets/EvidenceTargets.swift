import Authorization
import Bytes
import Cryptography
import Ledger
import Receipts
import Transparency

extension FuzzTarget {
    static let evidence: [FuzzTarget] = [
        FuzzTarget("request") { input in _ = try Authorization.Request(parsing: input) },
        FuzzTarget("identifier", bytesMax: 64) { input in
            guard let text = Text(utf8: input), let identifier = Identifier(text) else { return }
            try demand(identifier.text == text, "an identifier has two spellings")
        },
        FuzzTarget("statement") { input in
            let statement = try Statement(parsing: input)
            try demand(try statement.encode() == input, "a statement has two spellings")
        },
        FuzzTarget("request-record") { input in
            let record = try RequestRecord(parsing: input)
            try demand(record.encoded == input, "a record has two spellings")
            _ = try record.request()
        },
        FuzzTarget("note-record") { input in
            try demand(try NoteRecord(parsing: input).encoded == input, "a record has two spellings")
        },
        FuzzTarget("facts-record") { input in
            try demand(try FactsRecord(parsing: input).encoded == input, "a record has two spellings")
        },
        FuzzTarget("receipt") { input in
            let report = ReceiptVerifier(keys: []).report(on: input)
            _ = "\(report)"
            try demand(try Receipt(parsing: input).encoded == input, "a receipt has two spellings")
        },
        FuzzTarget("proof") { input in
            try demand(try ProofFile(input).encoded == input, "a proof has two spellings")
        },
        FuzzTarget("note") { input in
            let note = try SignedNote(input)
            try demand(note.encoded == input, "a note has two spellings")
            try demand(try Checkpoint(text: note.text).text == note.text, "a checkpoint has two spellings")
        },
        FuzzTarget("tile", bytesMax: 1 << 14) { input in
            if let hashes = Tile.hashes(input) { try demand(Tile.bytes(hashes) == input, "a tile has two spellings") }
            if let path = TilePath(path: input) {
                try demand(Array(path.path.utf8) == input, "a path has two spellings")
            }
            for width in [1, 2, 256] {
                guard let ranges = try? EntryBundle.ranges(in: input, width: width) else { continue }
                var again: [UInt8] = []
                for range in ranges { try EntryBundle.append(input[range], to: &again) }
                try demand(again == input && ranges.count == width, "a bundle of entries has two spellings")
            }
        },
        FuzzTarget("cosignature", bytesMax: 256) { input in
            if let found = Cosignature(bytes: input) { try demand(found.bytes == input, "two spellings") }
        },
        FuzzTarget("note-key", bytesMax: 1024) { input in
            let key = try NoteVerifierKey(text: input)
            try demand(Array(key.text.utf8) == input, "a key has two spellings")
        },
        FuzzTarget("segment") { input in
            // A checksum is not found by chance: it is put right, so that what it covers is read.
            for bytes in [input, SegmentBytes.withChecksums(input)] {
                guard let segment = SegmentBytes(bytes) else { continue }
                let total = segment.statements.reduce(0) { $0 + $1.count }
                try demand(total <= bytes.count, "statements are longer than their segment")
            }
        },
    ]
}
