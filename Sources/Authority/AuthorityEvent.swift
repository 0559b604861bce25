// What changes the authority: plain values, made from statements and for statements.

package import Authorization
package import Bytes

/// What a halt stops.
package enum HaltScope: Hashable, Sendable {
    /// The whole gate.
    case all
    /// One surface.
    case surface(Text)
    /// One actor, wherever it acts and whoever asks for it.
    case actor(EntityName)
}

/// One change, as a statement of the log tells it.
package enum AuthorityEvent: Hashable, Sendable {
    /// An identity was added.
    case added(Identity)
    /// An identity has another credential; the old one ended with this event.
    case rotated(name: Text, credential: Credential)
    /// An identity ended for ever.
    case retired(name: Text)
    /// A halt came into force.
    case halted(HaltScope)
    /// Every halt of exactly this scope ended.
    case resumed(HaltScope)
}

/// Why a change is refused; nothing changed.
package enum AuthorityError: Error, Hashable, Sendable {
    /// The name is not of the form of identities' names.
    case invalidName(Text)
    /// The name was used before, perhaps by an identity that has been retired since.
    case nameTaken(Text)
    /// There is no identity of that name.
    case unknownIdentity(Text)
    /// The identity has been retired.
    case retiredIdentity(Text)
    /// The token or the user id belongs to another active identity, or the token was in use before.
    case credentialTaken
    /// A role other than enforcement lists actors or surfaces.
    case listsNotAllowed(Role)
    /// The role enforcement lists no actor or no surface: it could never ask for anything.
    case listsMissing
    /// The gate's own user would be an actor.
    case ownUserAsActor
    /// No halt of exactly this scope is in force.
    case notHalted
    /// A named limit is reached.
    case limitReached(String)
}

extension AuthorityError: CustomStringConvertible {
    /// One line that says what is wrong.
    package var description: String {
        switch self {
        case .invalidName(let name):
            "`\(name)` is not a name: use up to \(AuthorityLimits.nameBytesMax) ASCII letters, digits and `._:/@-`"
        case .nameTaken(let name): "the name `\(name)` was used before; names are never reused"
        case .unknownIdentity(let name): "there is no identity `\(name)`"
        case .retiredIdentity(let name): "the identity `\(name)` has been retired"
        case .credentialTaken: "the credential belongs to another identity or was used before"
        case .listsNotAllowed(let role): "the role `\(role.rawValue)` lists neither actors nor surfaces"
        case .listsMissing: "the role `enforcement` needs at least one actor and one surface, or `*`"
        case .ownUserAsActor: "the gate's own user cannot be an actor"
        case .notHalted: "no halt of exactly this scope is in force"
        case .limitReached(let limit): "the limit `\(limit)` is reached"
        }
    }
}
