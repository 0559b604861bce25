// Why the arguments of a mapped call are not what the surface's mapping needs.

import Authorization
import Bytes

/// What is wrong with the arguments of a call, with the pointer that shows where.
enum CallFault: Error, Hashable, CustomStringConvertible {
    /// Nothing that can name a target stands there.
    case targetMissing(Text)
    /// The name of the target is empty or too long.
    case targetSize(Text)
    /// A part of the idempotency key is not there, or null: without it the same call could act twice.
    case keyPartMissing(Text)
    /// A part of the idempotency key has a number that is not brought into its one spelling.
    case keyPartExponent(Text)

    /// One line for a person.
    var description: String {
        switch self {
        case .targetMissing(let pointer): "no string or integer at `\(pointer)`, which names the target"
        case .targetSize(let pointer):
            "the string at `\(pointer)`, which names the target, is empty or has more than "
                + "\(RequestLimits.idBytesMax) bytes"
        case .keyPartMissing(let pointer): "no value at `\(pointer)`, which is a part of the idempotency key"
        case .keyPartExponent(let pointer):
            "a number at `\(pointer)`, which is a part of the idempotency key, has an exponent beyond "
                + "±\(MCPLimits.exponentMax)"
        }
    }

    /// Whether the target is what cannot be found.
    var isOfTarget: Bool {
        switch self {
        case .targetMissing, .targetSize: true
        case .keyPartMissing, .keyPartExponent: false
        }
    }
}
