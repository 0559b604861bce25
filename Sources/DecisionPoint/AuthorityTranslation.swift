// Between the events of the authority and the statements that tell them.

import Authority
import Authorization
import Bytes
import Receipts

/// Translates events to statements and back; the two sides know nothing of each other.
enum AuthorityTranslation {
    /// The statement that tells an event.
    ///
    /// `identity` is the one that a rotation or a retirement is about, as it was before; `reason` is the digest of the
    /// note that says why, for a halt.
    static func encode(
        _ event: Authority.AuthorityEvent,
        _ header: StatementHeader,
        by connection: Text,
        identity: Identity?,
        reason: Digest?
    ) throws(StatementError) -> [UInt8] {
        switch event {
        case .halted(let scope):
            return try HaltStatement(header: header, by: connection, scope: scope.recorded, reason: reason).encode()
        case .resumed(let scope):
            return try ResumeStatement(header: header, by: connection, scope: scope.recorded).encode()
        case .added(let identity):
            return try encode(.added, identity.recorded(identity.credential.recorded), header, connection)
        case .rotated(let name, let credential):
            guard let identity else { throw .missing(name) }
            return try encode(.rotated, identity.recorded(credential.recorded), header, connection)
        case .retired(let name):
            guard let identity else { throw .missing(name) }
            return try encode(.retired, identity.recorded(nil), header, connection)
        }
    }

    private static func encode(
        _ change: IdentityStatement.Change,
        _ identity: RecordedIdentity,
        _ header: StatementHeader,
        _ connection: Text
    ) throws(StatementError) -> [UInt8] {
        try IdentityStatement(header: header, by: connection, change: change, identity: identity).encode()
    }

    /// The event that a statement tells; nil for statements of other kinds.
    ///
    /// - Throws: `StatementError` for a statement that no gate writes; the gate MUST refuse to start.
    static func decode(_ statement: Statement) throws(StatementError) -> Authority.AuthorityEvent? {
        switch statement {
        case .halt(let halt): return .halted(halt.scope.scope)
        case .resume(let resume): return .resumed(resume.scope.scope)
        case .identity(let change): return try decode(change)
        case .decision, .redemption, .effect, .bundle, .gate: return nil
        }
    }

    private static func decode(_ statement: IdentityStatement) throws(StatementError) -> Authority.AuthorityEvent {
        let recorded = statement.identity
        switch statement.change {
        case .retired:
            return .retired(name: recorded.name)
        case .rotated:
            guard let credential = recorded.credential?.credential else { throw .missing("identity.credential") }
            return .rotated(name: recorded.name, credential: credential)
        case .added:
            guard let credential = recorded.credential?.credential else { throw .missing("identity.credential") }
            guard let actors = NameList(recorded.actors) else { throw .invalid("identity.actors") }
            guard let surfaces = NameList(recorded.surfaces) else { throw .invalid("identity.surfaces") }
            return .added(
                Identity(
                    name: recorded.name,
                    role: recorded.role,
                    credential: credential,
                    actors: actors,
                    surfaces: surfaces
                )
            )
        }
    }
}

extension HaltScope {
    fileprivate var recorded: HaltedScope {
        switch self {
        case .all: .all
        case .surface(let name): .surface(name)
        case .actor(let name): .actor(name)
        }
    }
}

extension HaltedScope {
    fileprivate var scope: HaltScope {
        switch self {
        case .all: .all
        case .surface(let name): .surface(name)
        case .actor(let name): .actor(name)
        }
    }
}

extension Credential {
    fileprivate var recorded: RecordedCredential {
        switch self {
        case .token(let digest): .token(sha256: digest)
        case .peer(let userID): .peer(userID: userID)
        }
    }
}

extension RecordedCredential {
    fileprivate var credential: Credential {
        switch self {
        case .token(let digest): .token(sha256: digest)
        case .peer(let userID): .peer(userID: userID)
        }
    }
}

extension Identity {
    fileprivate func recorded(_ credential: RecordedCredential?) -> RecordedIdentity {
        RecordedIdentity(name: name, role: role, credential: credential, actors: actors.names, surfaces: surfaces.names)
    }
}
