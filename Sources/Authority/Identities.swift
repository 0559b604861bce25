// The life of identities: added, rotated, retired; a name is never used twice.

import Authorization
import Bytes

/// All identities that were ever added, and who proves to be whom.
///
/// A pure state machine: the same events in the same order give the same state, whatever the process.
struct Identities: Sendable {
    /// One identity and whether its life has ended.
    private struct Life: Sendable {
        var identity: Identity
        var isActive: Bool
    }

    private var lives: [Text: Life] = [:]
    /// Every token that was ever in use: a retired or rotated one must not come back as somebody else's.
    private var tokens: [Digest: Text] = [:]
    private var endedTokens: Set<Digest> = []
    private var peers: [UInt32: Text] = [:]

    /// The active identity of that name.
    func active(_ name: Text) -> Identity? {
        guard let life = lives[name], life.isActive else { return nil }
        return life.identity
    }

    /// The active identity that this token proves.
    func identity(token: Digest) -> Identity? { tokens[token].flatMap(active) }

    /// The active identity that this user of the machine is.
    func identity(peer: UInt32) -> Identity? { peers[peer].flatMap(active) }

    /// All active identities, ascending by name.
    var active: [Identity] {
        lives.values.filter(\.isActive).map(\.identity).sorted { $0.name < $1.name }
    }

    /// The names of identities that have been retired, ascending.
    var retiredNames: [Text] {
        lives.values.filter { !$0.isActive }.map(\.identity.name).sorted()
    }

    mutating func add(_ identity: Identity) throws(AuthorityError) {
        guard Identity.isName(identity.name) else { throw .invalidName(identity.name) }
        guard lives[identity.name] == nil else { throw .nameTaken(identity.name) }
        guard lives.count < AuthorityLimits.identitiesMax else { throw .limitReached("identitiesMax") }
        switch identity.role {
        case .enforcement:
            guard !identity.actors.isEmpty, !identity.surfaces.isEmpty else { throw .listsMissing }
        case .actor, .operator, .auditor:
            guard identity.actors.isEmpty, identity.surfaces.isEmpty else { throw .listsNotAllowed(identity.role) }
        }
        try begin(identity.credential, of: identity.name)
        lives[identity.name] = Life(identity: identity, isActive: true)
    }

    mutating func rotate(_ name: Text, to credential: Credential) throws(AuthorityError) {
        let old = try living(name)
        try begin(credential, of: name)
        if credential != old.credential { end(old.credential) }
        let changed = Identity(
            name: name,
            role: old.role,
            credential: credential,
            actors: old.actors,
            surfaces: old.surfaces
        )
        lives[name] = Life(identity: changed, isActive: true)
    }

    mutating func retire(_ name: Text) throws(AuthorityError) {
        let identity = try living(name)
        end(identity.credential)
        lives[name] = Life(identity: identity, isActive: false)
    }

    private func living(_ name: Text) throws(AuthorityError) -> Identity {
        guard let life = lives[name] else { throw .unknownIdentity(name) }
        guard life.isActive else { throw .retiredIdentity(name) }
        return life.identity
    }

    private mutating func begin(_ credential: Credential, of name: Text) throws(AuthorityError) {
        switch credential {
        case .token(let digest):
            guard tokens[digest] == nil, !endedTokens.contains(digest) else { throw .credentialTaken }
            tokens[digest] = name
        case .peer(let userID):
            guard peers[userID] == nil || peers[userID] == name else { throw .credentialTaken }
            peers[userID] = name
        }
    }

    private mutating func end(_ credential: Credential) {
        switch credential {
        case .token(let digest):
            tokens[digest] = nil
            endedTokens.insert(digest)
        case .peer(let userID):
            peers[userID] = nil
        }
    }
}
