// What an agent wants to do, as it was asked.

package import Bytes

/// One well-formed request; whether it makes sense to the surface is for the ruling to say.
package struct Request: Sendable {
    /// The agent that wants to act.
    package let actor: EntityName
    /// The external system to act upon.
    package let surface: Text
    /// What is to be done.
    package let action: Text
    /// What it is to be done to.
    package let target: EntityName
    /// The arguments, an object.
    package let context: JSONValue
    /// The session, if the caller named one; not part of the canonical request.
    package let session: Text?
    /// The idempotency key, if given; not part of the canonical request.
    package let idempotencyKey: Text?
    /// The attempt of the enforcement point that wants to redeem at once.
    package let attempt: Nonce?
    /// The RFC 8785 form of actor, surface, action, target and context, fractions as `{"$decimal":"…"}`.
    package let canonical: [UInt8]
}

/// The bounds of a request.
package enum RequestLimits {
    /// The most bytes of the JSON text.
    package static let bytesMax = JSONLimits.request.bytesMax
    /// The most bytes of surface, action, types, session and key.
    package static let nameBytesMax = 128
    /// The most bytes of an actor's or a target's id.
    package static let idBytesMax = 512
}

/// Why a body is not a request: HTTP 400, counted, no ruling.
package enum RequestError: Error, Hashable, Sendable {
    /// The body is not strict JSON.
    case json(JSONError)
    /// The body is not an object.
    case notAnObject
    /// A member that the gate does not know.
    case unknownMember(Text)
    /// A member of the design that this release does not support.
    case unsupportedMember(Text)
    /// A member that must be there is not.
    case missingMember(Text)
    /// A member is of the wrong type, empty, too long or contains control characters.
    case invalidMember(Text, expected: String)
    /// The context contains the gate's own member.
    case reservedContext
    /// A member name somewhere in the context begins with `$`.
    case reservedName(Text)
}

extension RequestError: CustomStringConvertible {
    /// One line that says what and where.
    package var description: String {
        switch self {
        case .json(let error): error.description
        case .notAnObject: "the request is not an object"
        case .unknownMember(let name): "unknown member `\(name)`"
        case .unsupportedMember(let name): "member `\(name)` is not supported by this release"
        case .missingMember(let name): "member `\(name)` is missing"
        case .invalidMember(let name, let expected): "member `\(name)` must be \(expected)"
        case .reservedContext: "member `context.writ` is the gate's own"
        case .reservedName(let name): "member name `\(name)` begins with `$`, which is reserved"
        }
    }
}
