// The name of an actor or a target.

package import Bytes

/// A type and an id, as they stand in a request; the surface's schema gives them meaning.
package struct EntityName: Hashable, Sendable {
    /// The type, with or without a namespace.
    package let type: Text
    /// The id, opaque.
    package let id: Text

    /// Makes a name.
    package init(type: Text, id: Text) {
        self.type = type
        self.id = id
    }
}

extension EntityName: CustomStringConvertible {
    /// The name in the manner of Cedar, for messages.
    package var description: String { "\(type)::\"\(id)\"" }
}
