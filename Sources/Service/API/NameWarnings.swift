// What is legal and probably not meant: names that nobody has.

import Authority
import Authorization
import Bytes
import StrictPolicy

/// Finds names in a call that the gate does not know.
///
/// A name may come later, so nothing is refused for it; but a halt of nobody stops nothing, and whoever mistyped a name
/// has to hear of it.
struct NameWarnings {
    private let authority: AuthoritySnapshot
    private let bundle: PolicyBundle?

    /// The most names that one warning lists.
    static let namesMax = 8

    /// Looks at one state of the gate; without a bundle nothing is said of surfaces.
    init(_ authority: AuthoritySnapshot, _ bundle: PolicyBundle?) {
        self.authority = authority
        self.bundle = bundle
    }

    /// What is odd about a halt; nil if nothing is.
    func halt(_ scope: HaltScope) -> Text? {
        switch scope {
        case .all: return nil
        case .surface(let name): return isSurface(name) ? nil : Text("the bundle has no surface `\(name)`")
        case .actor(let name):
            // The halt of an enforcement point stops what it asks, so any identity will do.
            return authority.identity(name.id) == nil ? Text("no actor `\(name.id)` is known to the gate") : nil
        }
    }

    /// What is odd about a new identity; nil if nothing is.
    func identity(_ identity: Identity) -> Text? {
        guard identity.role == .enforcement else { return nil }
        var sentences: [String] = []
        if case .listed(let names) = identity.actors {
            let unknown = names.filter { authority.identity($0)?.role != .actor }
            if !unknown.isEmpty { sentences.append("no actor \(Self.list(unknown)) is known to the gate") }
        }
        if case .listed(let names) = identity.surfaces {
            let unknown = names.filter { !isSurface($0) }
            if !unknown.isEmpty { sentences.append("the bundle has no surface \(Self.list(unknown))") }
            let closed = names.filter { bundle?.surface($0)?.settings.audience.contains(identity.name) == false }
            if !closed.isEmpty {
                sentences.append(
                    "`\(identity.name)` is not in the `audience` of surface \(Self.list(closed)): it may ask there, "
                        + "but not redeem"
                )
            }
        }
        return sentences.isEmpty ? nil : Text(sentences.joined(separator: "; "))
    }

    private func isSurface(_ name: Text) -> Bool { bundle.map { $0.surface(name) != nil } ?? true }

    private static func list(_ names: [Text]) -> String {
        let listed = names.prefix(namesMax).map { "`\($0)`" }.joined(separator: ", ")
        return names.count > namesMax ? "\(listed) and \(names.count - namesMax) more" : listed
    }
}
