// What the gate knows of a policy besides its Cedar.

package import Bytes
package import Cedar

/// One policy of a bundle, by the annotations that the gate understands.
package struct PolicyDescription: Hashable, Sendable {
    /// The life of a PERMIT whose policy names none, in milliseconds.
    package static let timeToLiveDefaultMilliseconds: Int64 = 60_000
    /// The bounds of `@permit_ttl`, in milliseconds.
    package static let timeToLiveMilliseconds: ClosedRange<Int64> = 1_000...900_000

    /// The name in rulings and statements: `surface/id` or `common/id`.
    package let name: Text
    /// The `@id`.
    package let id: Text
    /// Whether it permits or forbids.
    package let effect: Effect
    /// The `@reason`, if it has one.
    package let reason: Text?
    /// The life of a PERMIT that it grants, in milliseconds.
    package let timeToLiveMilliseconds: Int64
    /// The file in which it stands.
    package let file: Text
    /// The line at which it begins, counted from one.
    package let line: Int

    /// Whether it is one of those over all surfaces.
    var isCommon: Bool { name.string.utf8.starts(with: "\(BundleCompiler.commonName)/".utf8) }
}

/// Reads the annotations of one policy; the set of annotations is closed.
struct AnnotationReader {
    private let policy: Policy
    private let file: SourceFile
    private(set) var problems: [PolicyProblem] = []
    private var id: Text?
    private var reason: Text?
    private var timeToLive = PolicyDescription.timeToLiveDefaultMilliseconds

    /// The annotations of the design that this release does not enforce: a policy that has one must not load without
    /// it.
    private static let unsupported = ["approval", "limit", "break_glass"]
    private static let supported = ["id", "reason", "permit_ttl"]
    /// What an annotation for other tools begins with.
    private static let foreignPrefix = "x_"

    init(_ policy: Policy, in file: SourceFile) {
        self.policy = policy
        self.file = file
    }

    /// Reads the description.
    ///
    /// - Parameter owner: The surface's name, or `common`.
    /// - Returns: nil, with problems, if anything is wrong with the annotations.
    mutating func description(owner: Text) -> PolicyDescription? {
        for annotation in policy.annotations { take(annotation) }
        if policy.annotation("id") == nil {
            fail(.missingID, policy.range, "the policy has no `@id`")
        }
        if policy.isTemplate {
            fail(.template, policy.range, "templates are not supported: `?principal` and `?resource` have no value")
        }
        let size = policy.range.end.byteOffset - policy.range.start.byteOffset
        if size > BundleLimits.policyBytesMax {
            fail(.limit, policy.range, "the policy is longer than \(BundleLimits.policyBytesMax) bytes")
        }
        guard problems.isEmpty, let id else { return nil }
        return PolicyDescription(
            name: Text("\(owner)/\(id)"),
            id: id,
            effect: policy.effect,
            reason: reason,
            timeToLiveMilliseconds: timeToLive,
            file: file.path,
            line: policy.range.start.line
        )
    }

    private mutating func take(_ annotation: Annotation) {
        let key = annotation.key.string
        if key.utf8.starts(with: Self.foreignPrefix.utf8) { return }
        switch key {
        case "id": id = text(annotation, bytesMax: BundleLimits.policyIDBytesMax)
        case "reason": reason = text(annotation, bytesMax: BundleLimits.reasonBytesMax)
        case "permit_ttl": readTimeToLive(annotation)
        case "approval", "limit", "break_glass":
            fail(.unsupportedAnnotation, annotation.range, "`@\(key)` is not enforced by this release")
        default:
            let known = (Self.supported + Self.unsupported).map { Text($0) }
            let near = Suggestion.nearest(to: annotation.key, among: known).map { "did you mean `@\($0)`?" }
            let help = near ?? "annotations of your own begin with `\(Self.foreignPrefix)`"
            fail(.unknownAnnotation, annotation.range, "unknown annotation `@\(key)`", help: help)
        }
    }

    private mutating func text(_ annotation: Annotation, bytesMax: Int) -> Text? {
        guard annotation.hasValue, Names.isVisible(annotation.value, bytesMax: bytesMax) else {
            let form = "a string of 1 to \(bytesMax) bytes without control characters"
            fail(.invalidAnnotation, annotation.range, "`@\(annotation.key)` must be \(form)")
            return nil
        }
        return annotation.value
    }

    private mutating func readTimeToLive(_ annotation: Annotation) {
        guard policy.effect == .permit else {
            fail(.misplacedAnnotation, annotation.range, "`@permit_ttl` stands on a `forbid`, which grants nothing")
            return
        }
        guard annotation.hasValue, let milliseconds = Self.milliseconds(annotation.value),
            PolicyDescription.timeToLiveMilliseconds.contains(milliseconds)
        else {
            let form = "whole seconds or minutes from `1s` to `15m`"
            fail(.invalidAnnotation, annotation.range, "`@permit_ttl` must be \(form)")
            return
        }
        timeToLive = milliseconds
    }

    /// Reads `30s` or `5m`: up to four digits without a leading zero, and the unit.
    private static func milliseconds(_ text: Text) -> Int64? {
        let bytes = Array(text.utf8)
        guard let unit = bytes.last, (2...5).contains(bytes.count), bytes.first != UInt8(ascii: "0") else { return nil }
        var count: Int64 = 0
        for byte in bytes.dropLast() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            // At most four digits: no overflow.
            count = count * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        switch unit {
        case UInt8(ascii: "s"): return count * 1_000
        case UInt8(ascii: "m"): return count * 60_000
        default: return nil
        }
    }

    private mutating func fail(
        _ code: PolicyProblem.Code,
        _ range: SourceRange,
        _ message: String,
        help: String? = nil
    ) {
        problems.append(PolicyProblem(code, in: file, at: range.bytes, message, help: help))
    }
}
