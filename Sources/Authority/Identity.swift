// Who may speak to the gate, in which role, and with which credential.

package import Authorization
package import Bytes

/// How an identity proves itself on a connection.
package enum Credential: Hashable, Sendable {
    /// A bearer token, known by the SHA-256 of its text alone.
    case token(sha256: Digest)
    /// The user id of the process at the other end of the gate's Unix socket.
    case peer(userID: UInt32)
}

/// The names that an enforcement point may ask for.
package enum NameList: Hashable, Sendable {
    /// Every name, written `"*"` alone.
    case all
    /// These names, ascending by bytes and without duplicates; none at all for roles that list nothing.
    case listed([Text])

    /// The empty list.
    package static let none = NameList.listed([])

    /// Reads the form of statements and of the API: names, or `"*"` alone.
    ///
    /// - Returns: nil if `*` stands beside other names, a name is not a legal one, a name is twice, or there are too
    ///   many.
    package init?(_ names: [Text]) {
        if names == [Self.wildcard] {
            self = .all
            return
        }
        guard names.count <= AuthorityLimits.listedNamesMax, names.allSatisfy(Self.isLegal) else { return nil }
        let sorted = names.sorted()
        for (left, right) in zip(sorted, sorted.dropFirst()) where left == right { return nil }
        self = .listed(sorted)
    }

    /// The form of statements and of the API.
    package var names: [Text] {
        switch self {
        case .all: [Self.wildcard]
        case .listed(let names): names
        }
    }

    /// Whether the name is in the list.
    package func contains(_ name: Text) -> Bool {
        switch self {
        case .all: true
        case .listed(let names): names.contains(name)
        }
    }

    /// Whether the list has no name at all.
    package var isEmpty: Bool { self == .none }

    private static let wildcard: Text = "*"

    /// Whether a listed name could be the id of an actor or the name of a surface in a request.
    private static func isLegal(_ name: Text) -> Bool {
        (1...RequestLimits.idBytesMax).contains(name.byteCount) && name != wildcard
            && name.string.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }
}

/// One identity as it was added, with its present credential.
package struct Identity: Hashable, Sendable {
    /// Its name, never used for another identity.
    package let name: Text
    /// Its one role.
    package let role: Role
    /// How it proves itself.
    package let credential: Credential
    /// The actors that an enforcement point may ask for; empty for other roles.
    package let actors: NameList
    /// The surfaces that an enforcement point may ask about; empty for other roles.
    package let surfaces: NameList

    /// Makes an identity; ``Identities`` says whether it is a legal one.
    package init(name: Text, role: Role, credential: Credential, actors: NameList = .none, surfaces: NameList = .none) {
        self.name = name
        self.role = role
        self.credential = credential
        self.actors = actors
        self.surfaces = surfaces
    }

    /// Whether a text may be the name of an identity: ASCII letters, digits and `._:/@-`, letter or digit first.
    ///
    /// Names stand in file names, URLs and `connection` members, so they contain nothing that needs an escape to be
    /// seen.
    package static func isName(_ text: Text) -> Bool {
        guard (1...AuthorityLimits.nameBytesMax).contains(text.byteCount) else { return false }
        var isFirst = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                break
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "@"),
                UInt8(ascii: "-"):
                if isFirst { return false }
            default:
                return false
            }
            isFirst = false
        }
        return true
    }
}

/// The bounds of what the authority remembers.
package enum AuthorityLimits {
    /// The most bytes of an identity's name.
    package static let nameBytesMax = RequestLimits.nameBytesMax
    /// The most names in one list of an enforcement point.
    package static let listedNamesMax = 1_000
    /// The most identities, retired ones included.
    package static let identitiesMax = 100_000
    /// The most halts in force at once.
    package static let haltsMax = 10_000
}
