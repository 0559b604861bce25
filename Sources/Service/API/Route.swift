// Which call a method and a path name.

package import Bytes
package import HTTP

/// A call with the one thing that its path names.
package struct Route: Hashable, Sendable {
    /// The call.
    package let call: Call
    /// The id, surface, name or tile of the path, decoded; empty where the path names nothing.
    package let subject: Text

    /// What a method and a path name.
    package enum Match: Hashable, Sendable {
        /// This call.
        case found(Route)
        /// The path exists, but only with these methods.
        case wrongMethod([HTTPMethod])
        /// Nothing.
        case notFound
    }

    /// Makes a route.
    package init(_ call: Call, _ subject: Text = "") {
        self.call = call
        self.subject = subject
    }

    /// The longest path that names anything, in bytes.
    package static let pathBytesMax = 1_024

    /// Finds the call.
    ///
    /// A path is compared as it was sent; only the name of an agent or a surface is decoded. A path with another
    /// spelling of something that exists names nothing.
    package static func match(_ method: HTTPMethod, _ path: String) -> Match {
        guard path.utf8.count <= pathBytesMax else { return .notFound }
        let routes = routes(path)
        guard !routes.isEmpty else { return .notFound }
        let wanted: HTTPMethod = method == .head ? .get : method
        if let route = routes.first(where: { $0.call.method == wanted }) { return .found(route) }
        return .wrongMethod(routes.map(\.call.method))
    }

    /// The calls that a path names with any method.
    private static func routes(_ path: String) -> [Route] {
        switch path {
        case "/v1/decisions": return [Route(.decide)]
        case "/v1/agents": return [Route(.listAgents), Route(.addAgent)]
        case "/v1/halts": return [Route(.listHalts), Route(.halt)]
        case "/v1/halts/resume": return [Route(.resume)]
        case "/log/checkpoint": return [Route(.readCheckpoint)]
        case "/healthz": return [Route(.checkHealth)]
        case "/readyz": return [Route(.checkReadiness)]
        case "/metrics": return [Route(.readMetrics)]
        case "/.well-known/writ": return [Route(.describe)]
        default: break
        }
        if let rest = rest(of: path, behind: "/v1/decisions/") { return decisionRoutes(rest) }
        if let rest = rest(of: path, behind: "/v1/agents/") {
            return named(rest, "/rotate", .rotateAgent) + named(rest, "/retire", .retireAgent)
        }
        if let rest = rest(of: path, behind: "/v1/surfaces/") { return named(rest, "/mcp", .listTools) }
        if let rest = rest(of: path, behind: "/log/"), rest.hasPrefix("tile/") { return [Route(.readTile, Text(rest))] }
        return []
    }

    private static func decisionRoutes(_ rest: String) -> [Route] {
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
        guard let id = parts.first, !id.isEmpty else { return [] }
        let subject = Text(String(id))
        switch parts.count {
        case 1: return [Route(.lookUp, subject)]
        case 2 where parts[1] == "redeem": return [Route(.redeem, subject)]
        case 2 where parts[1] == "effect": return [Route(.reportEffect, subject)]
        default: return []
        }
    }

    /// The route of a path that ends in a verb, with everything before it as one name.
    private static func named(_ rest: String, _ ending: String, _ call: Call) -> [Route] {
        guard rest.hasSuffix(ending), let name = Percent.decode(String(rest.dropLast(ending.utf8.count))) else {
            return []
        }
        return [Route(call, name)]
    }

    private static func rest(of path: String, behind prefix: String) -> String? {
        path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : nil
    }
}

/// Percent-encoding of names (RFC 3986 section 2.1).
package enum Percent {
    /// Reads a name; nil if it is empty, malformed, no UTF-8 or has control characters.
    package static func decode(_ text: String) -> Text? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        return Text(utf8: bytes)
    }

    /// Writes a name so that it can stand in a path or a query.
    package static func encode(_ text: Text) -> String {
        var output: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                output.append(byte)
            default:
                output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
