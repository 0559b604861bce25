// How much one caller's refusals may write: so that no agent can fill the log.

import Bytes

/// A bucket of bytes for each caller.
///
/// Only refusals take from it: a PERMIT has policies above it, a refusal costs nothing to make.
///
/// Past its bucket a caller's refusals are SILENCE `overloaded`, counted and not recorded, until it fills again.
struct RefusalBudget: Sendable {
    /// What a caller may have written at once, in bytes.
    static let burstBytes: Int64 = 16 << 20
    /// What comes back in a second, in bytes.
    static let bytesPerSecond: Int64 = 1 << 20
    /// What a refusal costs beside its request: statement, facts, index rows.
    static let overheadBytes: Int64 = 2_048

    private struct Bucket {
        var bytes: Int64
        var filledAt: UInt64
    }

    /// One for each authenticated caller, so there are no more than identities.
    private var buckets: [Text: Bucket] = [:]

    /// Takes what a refusal costs; false if the caller has used up its budget.
    ///
    /// `now` is in monotonic nanoseconds.
    mutating func take(_ requestBytes: Int, caller: Text, now: UInt64) -> Bool {
        var bucket = buckets[caller] ?? Bucket(bytes: Self.burstBytes, filledAt: now)
        let elapsedMilliseconds = Int64(clamping: (now > bucket.filledAt ? now - bucket.filledAt : 0) / 1_000_000)
        if elapsedMilliseconds > 0 {
            let seconds = min(elapsedMilliseconds, 60_000)
            bucket.bytes = min(Self.burstBytes, bucket.bytes + seconds * Self.bytesPerSecond / 1_000)
            bucket.filledAt = now
        }
        let cost = 2 * Int64(clamping: requestBytes) + Self.overheadBytes
        guard bucket.bytes >= cost else {
            buckets[caller] = bucket
            return false
        }
        bucket.bytes -= cost
        buckets[caller] = bucket
        return true
    }
}
