// The value that a decision is.

package import Bytes

/// A policy that decided, with the sentence that it gives.
package struct Reason: Hashable, Sendable {
    /// The policy, `surface/id`.
    package let policy: Text
    /// Its `@reason`, if it has one.
    package let text: Text?

    /// Makes a reason.
    package init(policy: Text, text: Text?) {
        self.policy = policy
        self.text = text
    }
}

/// What follows from a PERMIT.
package struct Grant: Hashable, Sendable {
    /// The permit that was chosen, `surface/id`.
    package let policy: Text
    /// The life of the PERMIT, in milliseconds.
    package let timeToLiveMilliseconds: Int64
    /// The enforcement points that may redeem, ascending by bytes.
    package let audience: [Text]

    /// Makes a grant.
    package init(policy: Text, timeToLiveMilliseconds: Int64, audience: [Text]) {
        self.policy = policy
        self.timeToLiveMilliseconds = timeToLiveMilliseconds
        self.audience = audience
    }
}

/// Outcome, cause, determining and erroring policies, obligations: a value, never an exception.
///
/// The two ways of making one keep outcome and grant together: a ruling has a grant if and only if it is a PERMIT.
package struct Ruling: Hashable, Sendable {
    /// Why.
    package let cause: Cause
    /// The determining policies, ascending by bytes.
    package let reasons: [Reason]
    /// The policies that raised an error, ascending by bytes.
    package let errors: [Text]
    /// What follows from a PERMIT; nil for every other outcome.
    package let grant: Grant?
    /// What was wrong with the request, for the caller's eyes; never in a statement.
    package let detail: String?

    /// The outcome.
    package var outcome: Outcome { cause.outcome }

    /// A ruling that does not permit; a cause of PERMIT given here becomes SILENCE `internal_error`.
    package static func refusing(
        _ cause: Cause,
        reasons: [Reason] = [],
        errors: [Text] = [],
        detail: String? = nil
    ) -> Ruling {
        // A PERMIT without a grant is a bug; it must not leave this function as a PERMIT.
        let safe: Cause = cause.outcome == .permit ? .internalError : cause
        return Ruling(cause: safe, reasons: reasons, errors: errors, grant: nil, detail: detail)
    }

    /// A PERMIT.
    package static func permitting(_ grant: Grant, reasons: [Reason]) -> Ruling {
        Ruling(cause: .permitted, reasons: reasons, errors: [], grant: grant, detail: nil)
    }

    private init(cause: Cause, reasons: [Reason], errors: [Text], grant: Grant?, detail: String?) {
        self.cause = cause
        self.reasons = reasons
        self.errors = errors
        self.grant = grant
        self.detail = detail
    }
}
