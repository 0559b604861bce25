// The values of members, from JSON or from flags, before they are a configuration.

import Bytes
import Cryptography

/// A member's value of the right form.
enum ConfigurationValue: Hashable {
    case text(String)
    case number(Int64)
    case boolean(Bool)
    case address(LoopbackAddress)
    case users([UInt32])
}

/// What was said about members; nothing about a member means its default.
struct ConfigurationValues {
    private var values: [ConfigurationMember: ConfigurationValue] = [:]

    /// The most operators.
    static let operatorsMax = 64
    /// The most bytes of a path.
    static let pathBytesMax = 4_095

    /// Takes the value of a member; false if it is not of the member's form.
    mutating func set(_ member: ConfigurationMember, _ value: JSONValue) -> Bool {
        switch member.kind {
        case .name, .path, .mode, .address:
            guard let text = value.string else { return false }
            return set(member, text.string)
        case .boolean:
            guard let boolean = value.boolean else { return false }
            values[member] = .boolean(boolean)
        case .integer(let range):
            guard let number = value.integer, range.contains(number) else { return false }
            values[member] = .number(number)
        case .users:
            guard let users = Self.users(value) else { return false }
            values[member] = .users(users)
        }
        return true
    }

    /// Takes a member's value as text, as flags give it; false if it is not of the member's form.
    mutating func set(_ member: ConfigurationMember, _ text: String) -> Bool {
        switch member.kind {
        case .name:
            guard (try? NoteKeyName(Text(text))) != nil else { return false }
            values[member] = .text(text)
        case .path:
            guard !text.isEmpty, text.utf8.count <= Self.pathBytesMax, !text.utf8.contains(0) else { return false }
            values[member] = .text(text)
        case .mode:
            let digits = Array(text.utf8)
            guard (3...4).contains(digits.count), digits.allSatisfy({ (0x30...0x37).contains($0) }),
                let mode = Int64(text, radix: 8), mode <= 0o777
            else { return false }
            values[member] = .number(mode)
        case .address:
            guard let address = LoopbackAddress(text) else { return false }
            values[member] = .address(address)
        case .boolean:
            guard let boolean = Bool(text) else { return false }
            values[member] = .boolean(boolean)
        case .integer(let range):
            guard let number = Int64(text), "\(number)" == text, range.contains(number) else { return false }
            values[member] = .number(number)
        case .users:
            guard let user = UInt32(text), "\(user)" == text else { return false }
            guard case .users(let users) = values[member] else {
                values[member] = .users([user])
                return true
            }
            guard users.count < Self.operatorsMax, !users.contains(user) else { return false }
            values[member] = .users(users + [user])
        }
        return true
    }

    /// Takes everything that another set says; it wins.
    mutating func merge(_ other: ConfigurationValues) {
        values.merge(other.values) { _, new in new }
    }

    func text(_ member: ConfigurationMember) -> String? {
        guard case .text(let text) = values[member] else { return nil }
        return text
    }

    func number(_ member: ConfigurationMember) -> Int64? {
        guard case .number(let number) = values[member] else { return nil }
        return number
    }

    func boolean(_ member: ConfigurationMember) -> Bool? {
        guard case .boolean(let boolean) = values[member] else { return nil }
        return boolean
    }

    func address(_ member: ConfigurationMember) -> LoopbackAddress? {
        guard case .address(let address) = values[member] else { return nil }
        return address
    }

    func users(_ member: ConfigurationMember) -> [UInt32] {
        guard case .users(let users) = values[member] else { return [] }
        return users
    }

    private static func users(_ value: JSONValue) -> [UInt32]? {
        guard value.kind == .array, value.count <= operatorsMax else { return nil }
        var users: [UInt32] = []
        for element in value.elements {
            guard element.kind == .object, element.count == 1, let number = element["uid"]?.integer,
                let user = UInt32(exactly: number), !users.contains(user)
            else { return nil }
            users.append(user)
        }
        return users
    }
}

/// A loopback address with a port; no other address is one, because nothing is encrypted yet.
package struct LoopbackAddress: Hashable, Sendable, CustomStringConvertible {
    /// `127.0.0.1` or `::1`.
    package let host: String
    /// The port; 0 for a free one.
    package let port: UInt16

    /// Reads `127.0.0.1:PORT` or `[::1]:PORT`; nil for anything else.
    package init?(_ text: String) {
        for (prefix, host) in [("127.0.0.1:", "127.0.0.1"), ("[::1]:", "::1")] where text.hasPrefix(prefix) {
            let digits = String(text.dropFirst(prefix.count))
            guard let port = UInt16(digits), "\(port)" == digits else { return nil }
            self.host = host
            self.port = port
            return
        }
        return nil
    }

    /// Makes an address of the same host with another port.
    package init(_ address: LoopbackAddress, port: UInt16) {
        host = address.host
        self.port = port
    }

    /// The address as it was read.
    package var description: String { host == "::1" ? "[::1]:\(port)" : "\(host):\(port)" }
}
