// Decisions, redemptions and effects for tests, all different and all made from a number.

package import Authorization
package import Bytes
package import State

/// Values for tests of the state: the same number gives the same value.
package enum StateSamples {
    /// The time of the first decision, milliseconds since 1970.
    package static let instant: Int64 = 1_800_000_000_000
    /// The window of every decision: a day.
    package static let windowMilliseconds: Int64 = 86_400_000
    /// The limit for the effect of every decision: a minute.
    package static let effectMilliseconds: Int64 = 60_000
    /// The life of every PERMIT.
    package static let lifeMilliseconds: Int64 = 60_000

    /// A digest that a number and a purpose determine.
    package static func digest(_ number: UInt64, _ purpose: UInt8) -> Digest {
        var state = number &* 256 &+ UInt64(purpose)
        let bytes = (0..<Digest.byteCount).map { _ in
            // SplitMix64: uniform enough for addresses, and the same in every process.
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return UInt8(truncatingIfNeeded: mixed >> 31)
        }
        return Digest(bytes: bytes) ?? .zero
    }

    /// The claim key of a number.
    package static func key(_ number: UInt64) -> Digest { digest(number, 1) }

    /// The id of the decision at an index.
    package static func id(_ index: UInt64) -> Identifier {
        Identifier(milliseconds: instant &+ Int64(clamping: index), random: (index, index &* 0x9E37_79B9_7F4A_7C15))
    }

    /// A decision; `key` is the number of its claim key.
    package static func decision(
        _ index: UInt64,
        key: UInt64? = nil,
        cause: Cause = .permitted,
        instant: Int64 = StateSamples.instant,
        redemption: RedemptionEntry? = nil
    ) -> DecisionEntry {
        DecisionEntry(
            id: id(index),
            index: index,
            treeSize: index + 1,
            segment: 0,
            offset: 4_096 + index * 1_024,
            leaf: digest(index, 2),
            commitment: digest(index, 3),
            requestDigest: digest(index, 4),
            claimKey: key.map { StateSamples.key($0) },
            cause: cause,
            bundleDigest: cause == .bundleUnavailable ? nil : digest(0, 5),
            connection: "token:mcp-gateway",
            instant: instant,
            expires: cause.outcome == .permit ? instant + lifeMilliseconds : nil,
            windowMilliseconds: windowMilliseconds,
            effectMilliseconds: effectMilliseconds,
            redemption: redemption
        )
    }

    /// A redemption by the statement at an index.
    package static func redemption(_ index: UInt64, by name: Text = "mcp-gateway") -> RedemptionEntry {
        RedemptionEntry(
            by: name,
            attempt: digest(index, 6),
            actBy: instant + 5_000,
            index: index,
            treeSize: index + 1,
            segment: 0,
            offset: 4_096 + index * 1_024
        )
    }

    /// An effect by the statement at an index.
    package static func effect(_ index: UInt64, _ kind: EffectKind = .executed) -> EffectEntry {
        EffectEntry(
            kind: kind,
            result: kind == .notStarted ? [] : Array(#"{"status":0}"#.utf8),
            at: instant + 6_000,
            index: index,
            treeSize: index + 1,
            segment: 0,
            offset: 4_096 + index * 1_024
        )
    }
}
