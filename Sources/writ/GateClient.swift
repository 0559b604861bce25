// Calls to a running gate.

import Bytes
import EnforcementPoint
import HTTP
import Runtime
import Service

/// A gate at the other end of a socket, for commands that are no enforcement points.
struct GateClient {
    /// A reply that was read to its end, with its JSON.
    struct Reply {
        let status: UInt16
        let mediaType: String?
        let body: [UInt8]
        let value: JSONValue

        /// The name of the problem, if the reply is one: the end of `urn:writ:problem:…`.
        var problem: String? {
            guard mediaType == "application/problem+json", let type = value["type"]?.string else { return nil }
            let prefix = "urn:writ:problem:"
            return type.string.hasPrefix(prefix) ? String(type.string.dropFirst(prefix.count)) : nil
        }
    }

    static let flags = [
        FlagSpecification("--gate", "ADDRESS", says: "the gate's socket, or a loopback address with a port"),
        FlagSpecification("--token-file", "FILE", says: "your token; else WRIT_TOKEN, else the socket knows your user"),
        Flags.home, Flags.json,
    ]

    /// How long one call may take, in milliseconds.
    static let callMilliseconds: UInt64 = 10_000

    private let client: HTTPClient
    private let host: String
    private let token: String?
    private let time = SystemTime()

    init(_ invocation: Invocation) throws {
        let address = try Self.address(invocation)
        switch address {
        case .unix(let path):
            client = HTTPClient(endpoint: .unix(path: path), responseBytesMax: 8 << 20)
            host = "localhost"
        case .loopback(let name, let port):
            client = HTTPClient(endpoint: .tcp(address: name, port: port), responseBytesMax: 8 << 20)
            host = name == "::1" ? "[::1]:\(port)" : "\(name):\(port)"
        }
        token = try Self.tokenSource(invocation).token()
    }

    /// Where the gate is: `--gate`, else the socket that the home's configuration names.
    static func address(_ invocation: Invocation) throws -> GateAddress {
        if let given = invocation.arguments.value("--gate") { return try GateAddress(parsing: given) }
        let home = try invocation.home()
        // Whoever cannot read the home's configuration can still know the usual place of its socket.
        let path = (try? Configuration(home: home).socketPath) ?? home.socketPath
        return .unix(path: path)
    }

    static func tokenSource(_ invocation: Invocation) -> TokenSource {
        if let path = invocation.arguments.value("--token-file") { return .file(path: path) }
        let name = GateAddress.tokenVariable
        return Terminal.variable(name) == nil ? .none : .environment(name: name)
    }

    func get(_ target: String) throws -> Reply { try send(.get, target, nil) }

    func post(_ target: String, _ body: [UInt8]) throws -> Reply { try send(.post, target, body) }

    /// Sends a call that must be answered with success; the reply's words are the failure's if it is not.
    func demand(_ reply: Reply) throws -> Reply {
        guard reply.status == 200 else { throw CommandFailure(Self.words(reply)) }
        return reply
    }

    static func words(_ reply: Reply) -> String {
        let detail = reply.value["detail"]?.string.map { ": \(Terminal.plain($0.string))" } ?? ""
        return "the gate answered \(reply.problem ?? "status \(reply.status)")\(detail)"
    }

    private func send(_ method: HTTPMethod, _ target: String, _ body: [UInt8]?) throws -> Reply {
        var fields = FieldBlock()
        if let token { try fields.append("Authorization", "Bearer \(token)") }
        let options = RequestOptions(
            method: method,
            target: target,
            host: host,
            contentType: body == nil ? nil : "application/json",
            fields: fields
        )
        let deadline = time.monotonicNanoseconds() + Self.callMilliseconds * 1_000_000
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try client.perform(options, body: body ?? [], deadlineMonotonicNanoseconds: deadline)
        } catch {
            throw CommandFailure("no answer from the gate: \(error)")
        }
        let bytes = Array(response.body)
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: .file)
        } catch {
            throw CommandFailure("the gate's answer is irregular: status \(response.status.code), \(error)")
        }
        return Reply(
            status: response.status.code,
            mediaType: response.field("content-type"),
            body: bytes,
            value: value
        )
    }
}

extension Invocation {
    /// Says what the gate finds odd about what it did.
    func warn(_ reply: GateClient.Reply) {
        guard let warning = reply.value["warning"]?.string else { return }
        terminal.say("warning: \(Terminal.plain(warning.string))")
    }
}
