// Where the gate is, and with what one calls it; secrets only by reference.

import Bytes
import Glibc
import Runtime

/// The address of a gate.
package enum GateAddress: Hashable, Sendable {
    /// The path of a Unix socket.
    case unix(path: String)
    /// A port of this machine, by a numeric address.
    case loopback(host: String, port: UInt16)

    /// The variable that may hold a token.
    package static let tokenVariable = "WRIT_TOKEN"

    /// The address as a person writes it.
    package var words: String {
        switch self {
        case .unix(let path): path
        case .loopback(let host, let port): host == "::1" ? "[::1]:\(port)" : "\(host):\(port)"
        }
    }

    /// Reads `/path/to/gate.sock`, `unix:/path`, `127.0.0.1:8443`, `[::1]:8443` or the same behind `http://`.
    ///
    /// - Throws: ``UsageError`` for anything else: tokens leave this machine over no wire that is not encrypted.
    package init(parsing text: String) throws(UsageError) {
        if text.hasPrefix("/") {
            self = .unix(path: text)
            return
        }
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard path.hasPrefix("/") else { throw UsageError("`\(text)` is not an absolute path") }
            self = .unix(path: path)
            return
        }
        let rest = text.hasPrefix("http://") ? text.dropFirst(7) : text[...]
        guard let colon = rest.lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: colon)...]), port > 0 else {
            throw UsageError("`\(text)` is neither the path of a socket nor a loopback address with a port")
        }
        let host = String(rest[..<colon])
        guard host == "127.0.0.1" || host == "[::1]" || host == "localhost" else {
            throw UsageError("`\(host)` is not this machine")
        }
        self = .loopback(host: host == "[::1]" ? "::1" : "127.0.0.1", port: port)
    }
}

/// Where a token comes from.
package enum TokenSource: Hashable, Sendable {
    /// None: the gate knows the caller by the peer credentials of the Unix socket.
    case none
    /// A file that only its owner can read.
    case file(path: String)
    /// A variable of this process.
    case environment(name: String)

    /// What the gate knows the caller by, in words; never the token itself.
    package var words: String {
        switch self {
        case .none: "the user of this process"
        case .file(let path): "the token in `\(path)`"
        case .environment(let name): "the token in \(name)"
        }
    }

    /// Reads the token; nil only for ``none``.
    ///
    /// - Throws: ``UsageError`` for a file that others can read, and for a token with characters that no token has.
    package func token() throws(UsageError) -> String? {
        let bytes: [UInt8]
        switch self {
        case .none: return nil
        case .file(let path): bytes = try Self.read(path)
        case .environment(let name):
            guard let value = Variables.value(name) else { throw UsageError("variable `\(name)` is not set") }
            bytes = Array(value.utf8)
        }
        let token = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        // RFC 6750 section 2.1: nothing of it can end a header field.
        let isToken = token.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
                true
            default: false
            }
        }
        guard isToken, !token.isEmpty, token.count <= EnforcementLimits.tokenBytesMax else {
            throw UsageError("the token is empty, too long or has a character that no token has")
        }
        return String(decoding: token, as: UTF8.self)
    }

    private static func read(_ path: String) throws(UsageError) -> [UInt8] {
        do {
            let status = try Files.status(of: path)
            guard status.permissions & 0o077 == 0 else {
                throw UsageError("`\(path)` holds a token and can be read by others; its mode must be 0600")
            }
            return try Files.read(path, bytesMax: EnforcementLimits.tokenBytesMax + 1)
        } catch let error as UsageError {
            throw error
        } catch {
            throw UsageError("\(error)")
        }
    }
}
