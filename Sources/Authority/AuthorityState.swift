// Identities and halts together, with the number that tells one state from the next.

import Authorization
import Bytes

/// The present authority: who is who, and what is halted.
///
/// A pure state machine, rebuilt at start from the statements of the log in their order. Every change raises the
/// epoch, so that a ruling that was made under an earlier state can be told from one made under this.
package struct AuthorityState: Sendable {
    /// Counts the changes.
    package private(set) var epoch: UInt64 = 0
    private var identities = Identities()
    private var halts: Set<HaltScope> = []
    private let ownUserID: UInt32

    /// The authority of an empty log: nobody may do anything.
    ///
    /// - Parameter ownUserID: The effective user of the gate, which is never an actor.
    package init(ownUserID: UInt32) {
        self.ownUserID = ownUserID
    }

    /// Says whether an event may happen now, before it is written to the log.
    ///
    /// - Throws: ``AuthorityError``; the caller refuses the command and logs nothing.
    package func check(_ event: AuthorityEvent) throws(AuthorityError) {
        var copy = self
        switch event {
        case .added(let identity): try refuseOwnUser(identity.role, identity.credential)
        case .rotated(let name, let credential):
            if let identity = identities.active(name) { try refuseOwnUser(identity.role, credential) }
        case .retired, .halted, .resumed: break
        }
        try copy.apply(event)
    }

    /// Makes an event true that the log tells, or that is about to be told.
    ///
    /// A log may have been written under another user of the machine, so an event that maps the present own user to
    /// an actor is applied; ``AuthoritySnapshot/caller(peerUID:)`` never finds it.
    ///
    /// - Throws: ``AuthorityError``, with nothing changed. From a log this means damage: the gate MUST refuse to start.
    package mutating func apply(_ event: AuthorityEvent) throws(AuthorityError) {
        switch event {
        case .added(let identity): try identities.add(identity)
        case .rotated(let name, let credential): try identities.rotate(name, to: credential)
        case .retired(let name): try identities.retire(name)
        case .halted(let scope):
            guard halts.contains(scope) || halts.count < AuthorityLimits.haltsMax else {
                throw .limitReached("haltsMax")
            }
            halts.insert(scope)
        case .resumed(let scope):
            guard halts.remove(scope) != nil else { throw .notHalted }
        }
        epoch += 1
    }

    /// The present state as a value that any thread may read.
    package var snapshot: AuthoritySnapshot {
        AuthoritySnapshot(epoch: epoch, identities: identities, halts: halts, ownUserID: ownUserID)
    }

    private func refuseOwnUser(_ role: Role, _ credential: Credential) throws(AuthorityError) {
        guard role != .actor || credential != .peer(userID: ownUserID) else { throw .ownUserAsActor }
    }
}
