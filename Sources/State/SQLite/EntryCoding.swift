// A decision entry as the bytes of one row.

internal import Authorization
internal import Bytes

/// The row of a decision: fields of fixed width, then texts, then a checksum bound to the index.
enum EntryCoding {
    /// What the parts of a row are, as bits.
    private struct Parts: OptionSet {
        let rawValue: UInt8
        static let claim = Parts(rawValue: 1)
        static let bundle = Parts(rawValue: 2)
        static let expires = Parts(rawValue: 4)
        static let redemption = Parts(rawValue: 8)
        static let effect = Parts(rawValue: 16)
        static let all: Parts = [.claim, .bundle, .expires, .redemption, .effect]
    }

    /// Room for a usual row.
    private static let usualBytes = 512

    /// The bytes of a row.
    static func encode(_ entry: DecisionEntry) -> [UInt8] {
        var parts: Parts = []
        if entry.claimKey != nil { parts.insert(.claim) }
        if entry.bundleDigest != nil { parts.insert(.bundle) }
        if entry.expires != nil { parts.insert(.expires) }
        if entry.redemption != nil { parts.insert(.redemption) }
        if entry.effect != nil { parts.insert(.effect) }
        var writer = ByteWriter(capacity: usualBytes)
        writer.append(parts.rawValue)
        writer.append(code(entry.cause))
        writer.append(entry.id.high)
        writer.append(entry.id.low)
        writer.append(entry.treeSize)
        writer.append(entry.segment)
        writer.append(entry.offset)
        writer.append(entry.leaf)
        writer.append(entry.commitment)
        writer.append(entry.requestDigest)
        if let claimKey = entry.claimKey { writer.append(claimKey) }
        if let bundleDigest = entry.bundleDigest { writer.append(bundleDigest) }
        if let expires = entry.expires { writer.append(expires) }
        writer.append(entry.instant)
        writer.append(entry.windowMilliseconds)
        writer.append(entry.effectMilliseconds)
        writer.append(counted: entry.connection.utf8)
        if let redemption = entry.redemption { append(redemption, to: &writer) }
        if let effect = entry.effect { append(effect, to: &writer) }
        writer.seal(seed: entry.index)
        return writer.bytes
    }

    private static func append(_ redemption: RedemptionEntry, to writer: inout ByteWriter) {
        writer.append(redemption.attempt)
        writer.append(redemption.actBy)
        writer.append(redemption.index)
        writer.append(redemption.treeSize)
        writer.append(redemption.segment)
        writer.append(redemption.offset)
        writer.append(counted: redemption.by.utf8)
    }

    private static func append(_ effect: EffectEntry, to writer: inout ByteWriter) {
        writer.append(code(effect.kind))
        writer.append(effect.at)
        writer.append(effect.index)
        writer.append(effect.treeSize)
        writer.append(effect.segment)
        writer.append(effect.offset)
        writer.append(counted: effect.result)
    }

    /// Reads a row; nil if it is not what `encode` writes for this index.
    static func decode(_ bytes: [UInt8], index: UInt64) -> DecisionEntry? {
        guard var reader = ByteReader(sealed: bytes, seed: index),
            let bits = reader.byte(), Parts.all.isSuperset(of: Parts(rawValue: bits)),
            let cause = reader.byte().flatMap(cause)
        else { return nil }
        let parts = Parts(rawValue: bits)
        guard let high = reader.word(), let low = reader.word(),
            let treeSize = reader.word(), let segment = reader.word(), let offset = reader.word(),
            let leaf = reader.digest(), let commitment = reader.digest(), let requestDigest = reader.digest()
        else { return nil }
        let claimKey = parts.contains(.claim) ? reader.digest() : nil
        let bundleDigest = parts.contains(.bundle) ? reader.digest() : nil
        let expires = parts.contains(.expires) ? reader.number() : nil
        guard let instant = reader.number(), let window = reader.number(), let effectLimit = reader.number(),
            let connection = reader.text()
        else { return nil }
        let redemption = parts.contains(.redemption) ? redemption(from: &reader) : nil
        let effect = parts.contains(.effect) ? effect(from: &reader) : nil
        guard reader.isAtEnd, parts.contains(.redemption) == (redemption != nil),
            parts.contains(.effect) == (effect != nil)
        else { return nil }
        return DecisionEntry(
            id: Identifier(high: high, low: low),
            index: index,
            treeSize: treeSize,
            segment: segment,
            offset: offset,
            leaf: leaf,
            commitment: commitment,
            requestDigest: requestDigest,
            claimKey: claimKey,
            cause: cause,
            bundleDigest: bundleDigest,
            connection: connection,
            instant: instant,
            expires: expires,
            windowMilliseconds: window,
            effectMilliseconds: effectLimit,
            redemption: redemption,
            effect: effect
        )
    }

    private static func redemption(from reader: inout ByteReader) -> RedemptionEntry? {
        guard let attempt = reader.digest(), let actBy = reader.number(),
            let index = reader.word(), let treeSize = reader.word(), let segment = reader.word(),
            let offset = reader.word(), let by = reader.text()
        else { return nil }
        return RedemptionEntry(
            by: by,
            attempt: attempt,
            actBy: actBy,
            index: index,
            treeSize: treeSize,
            segment: segment,
            offset: offset
        )
    }

    private static func effect(from reader: inout ByteReader) -> EffectEntry? {
        guard let kind = reader.byte().flatMap(effectKind), let at = reader.number(),
            let index = reader.word(), let treeSize = reader.word(), let segment = reader.word(),
            let offset = reader.word(), let result = reader.counted()
        else { return nil }
        return EffectEntry(
            kind: kind,
            result: result,
            at: at,
            index: index,
            treeSize: treeSize,
            segment: segment,
            offset: offset
        )
    }
}
