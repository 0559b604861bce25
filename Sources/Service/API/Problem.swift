// Problem documents (RFC 9457): every answer that is not what was asked for.

package import Authorization
package import Bytes
package import HTTP

/// A problem, as a client gets it.
package struct Problem: Error, Hashable, Sendable {
    /// The kinds of problems; the raw value ends the type `urn:writ:problem:…`.
    package enum Name: String, CaseIterable, Sendable {
        /// No valid credential.
        case unauthenticated
        /// The credential's role may not do this.
        case forbiddenRole = "forbidden_role"
        /// The body is not what the call takes.
        case malformedRequest = "malformed_request"
        /// The body's media type is not JSON.
        case unsupportedMediaType = "unsupported_media_type"
        /// Nothing has this path.
        case notFound = "not_found"
        /// The path is there, but not with this method.
        case methodNotAllowed = "method_not_allowed"
        /// The statement is with the log, or the key is in flight.
        case answerPending = "answer_pending"
        /// There is no such decision, or it is none of the caller's business.
        case unknownDecision = "unknown_decision"
        /// The decision is no PERMIT, or has expired.
        case notRedeemable = "not_redeemable"
        /// The caller is not among the enforcement points of the PERMIT.
        case notInAudience = "not_in_audience"
        /// Another report stands.
        case effectStands = "effect_stands"
        /// The decision was not redeemed by the caller with this attempt.
        case notTheRedeemer = "not_the_redeemer"
        /// The bundle has no such surface.
        case unknownSurface = "unknown_surface"
        /// The change is not possible as things are.
        case refused
        /// The gate cannot know, or its log does not take statements.
        case unavailable
    }

    /// The kind.
    package let name: Name
    /// What exactly is wrong, in one line.
    package let detail: String
    /// The cause, where the gate is unable.
    package let cause: Cause?
    /// The state, where a decision is not redeemable.
    package let state: Text?
    /// The methods that the path has.
    package let allowed: [HTTPMethod]

    /// Makes a problem.
    package init(
        _ name: Name,
        _ detail: String,
        cause: Cause? = nil,
        state: Text? = nil,
        allowed: [HTTPMethod] = []
    ) {
        self.name = name
        self.detail = detail
        self.cause = cause
        self.state = state
        self.allowed = allowed
    }

    /// The gate is not able to.
    package static func unavailable(_ cause: Cause, _ detail: String) -> Problem {
        Problem(.unavailable, detail, cause: cause)
    }

    /// The caller asks again.
    static let pending = Problem(
        .answerPending,
        "the gate cannot say yet; ask again with the same key and attempt"
    )

    /// The status that goes with the kind.
    package var status: HTTPStatus {
        switch name {
        case .unauthenticated: .unauthorized
        case .forbiddenRole, .notInAudience, .notTheRedeemer: .forbidden
        case .malformedRequest: .badRequest
        case .unsupportedMediaType: .unsupportedMediaType
        case .notFound, .unknownDecision, .unknownSurface: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .notRedeemable, .effectStands, .refused: .conflict
        case .answerPending, .unavailable: .serviceUnavailable
        }
    }

    /// The document.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        // A cause is a name of its own, so that clients can tell what the gate lacks.
        writer.member("type", Text("urn:writ:problem:\(cause?.rawValue ?? name.rawValue)"))
        writer.member("title", Text(status.reason.description))
        writer.member("status", status.code)
        writer.member("detail", Text(detail))
        if let state { writer.member("state", state) }
        writer.endObject()
        return writer.bytes
    }

    /// The header fields beside the document.
    var fields: [(name: String, value: String)] {
        switch name {
        case .unauthenticated: [("WWW-Authenticate", "Bearer")]
        case .methodNotAllowed: [("Allow", allowed.map(\.name.description).joined(separator: ", "))]
        case .answerPending: [("Retry-After", "1")]
        case .forbiddenRole, .malformedRequest, .unsupportedMediaType, .notFound, .unknownDecision, .notRedeemable,
            .notInAudience, .effectStands, .notTheRedeemer, .unknownSurface, .refused, .unavailable:
            []
        }
    }
}
