// Why bytes are not a statement, or a statement cannot be written.

package import Bytes

/// Why bytes are not a statement or a record that this release knows, or a value cannot be written as one.
package enum StatementError: Error, Hashable, Sendable {
    /// The encoded form has more bytes than the limit.
    case tooLong(bytesMax: Int)
    /// The bytes are not strict JSON.
    case json(JSONError)
    /// A member that must be there is not.
    case missing(Text)
    /// A member has a value that this release does not know, or one that contradicts another member.
    case invalid(Text)
    /// The statement is of a type that this release does not know.
    case unknownType(Text)
    /// Encoding what was read gives other bytes: an unknown member, another order, white space, or a second spelling.
    case notCanonical
}

extension StatementError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .tooLong(let bytesMax): "the statement is longer than \(bytesMax) bytes"
        case .json(let error): error.description
        case .missing(let name): "member `\(name)` is missing"
        case .invalid(let name): "member `\(name)` has a value that is not known or does not fit"
        case .unknownType(let name): "statement type `\(name)` is not known"
        case .notCanonical: "the statement is not in canonical form, or has members that are not known"
        }
    }
}

/// The bounds of statements and records.
package enum StatementLimits {
    /// The most bytes of a statement: what a tlog-tiles entry can have.
    package static let statementBytesMax = 65_535
    /// The most policies that a statement lists by name.
    package static let policiesListedMax = 64
    /// The most enforcement points in an audience.
    package static let audienceMax = 16
    /// The most bytes of one evidence record.
    package static let recordBytesMax = 512 << 10
    /// The largest integer, exclusive: what every JSON reader can represent.
    package static let integerEnd: UInt64 = 1 << 53

    /// What reading a statement may cost.
    static let json = JSONLimits(bytesMax: statementBytesMax, depthMax: 8, nodesMax: 20_000)
    /// What reading a record may cost: the request's own bounds, with room for what encoding adds.
    static let recordJSON = JSONLimits(bytesMax: recordBytesMax, depthMax: 36, nodesMax: 40_000)
}
