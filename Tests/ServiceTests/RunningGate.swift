import Authorization
import Bytes
import Foundation
import HTTP
import Runtime
import Service

/// A whole gate in a home of its own, served by a thread of this process.
final class RunningGate {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What a caller proves itself with.
    enum Credential: Hashable, CaseIterable {
        /// Nothing, over TCP.
        case none
        /// A token of nobody, over TCP.
        case unknownToken
        /// Nothing but the user of this process, over the Unix socket: an operator by configuration.
        case operatorPeer
        /// A token of nobody, over the Unix socket of an operator.
        case unknownTokenOfPeer
        case actor
        case enforcement
        case `operator`
        case auditor

        /// The role that it proves, if it does.
        var role: Role? {
            switch self {
            case .none, .unknownToken, .unknownTokenOfPeer: nil
            case .actor: .actor
            case .enforcement: .enforcement
            case .operator, .operatorPeer: .operator
            case .auditor: .auditor
            }
        }
    }

    let home: Home
    private let server: GateServer
    private let thread: Runtime.Thread
    private let said: Guarded<[String]>
    private let ended: Guarded<Bool?>
    private(set) var tokens: [Credential: String] = [:]
    private var port: UInt16 = 0

    /// Starts a gate in a new home, or in a copy of the home of one that ended, changed before the start.
    init(after before: RunningGate? = nil, _ change: (Home) throws -> Void = { _ in }) throws {
        home = Home("/tmp/writ-service-\(UUID().uuidString.prefix(8))", workingDirectory: "/")
        if let before {
            try FileManager.default.copyItem(atPath: before.home.path, toPath: home.path)
        } else {
            _ = try HomeMaker(home, origin: "test/1", operatorUserID: geteuid()).make()
        }
        try change(home)
        let said = Guarded<[String]>([])
        let ended = Guarded<Bool?>(nil)
        self.said = said
        self.ended = ended
        let serve = CommandSpecification(
            "serve",
            "run",
            flags: ConfigurationMember.allCases.map(\.flag),
            examples: ["writ serve"]
        )
        let flags = try ParsedArguments(["--listen-tcp", "127.0.0.1:0"], for: serve)
        server = try GateServer(try Configuration(home: home, flags: flags)) { line in
            said.withLock { $0.append(line) }
        }
        let running = server
        thread = try Runtime.Thread.start(name: "gate", stackBytes: 8 << 20) {
            let isRecorded = (try? running.run()) ?? false
            ended.withLock { $0 = isRecorded }
        }
        try wait("ready") { said.withLock { $0.contains("ready") } }
        let prefix = "listening on 127.0.0.1:"
        let line = said.withLock { $0.first { $0.hasPrefix(prefix) } } ?? ""
        port = UInt16(line.dropFirst(prefix.count)) ?? 0
        if before == nil { try addAgents() }
    }

    /// What the gate has said so far.
    var words: [String] { said.withLock { $0 } }

    deinit {
        server.end("the test is over")
        thread.join()
        try? FileManager.default.removeItem(atPath: home.path)
    }

    /// Ends the gate; answers whether its last statement is in the log.
    func end() throws -> Bool {
        server.end("the test wants it")
        try wait("the end") { ended.withLock { $0 != nil } }
        return ended.withLock { $0 } ?? false
    }

    func call(
        _ method: HTTPMethod,
        _ target: String,
        _ body: String? = nil,
        as credential: Credential,
        contentType: String? = "application/json",
        requestID: String? = nil
    ) throws -> HTTPResponse {
        let isPeer = credential == .operatorPeer || credential == .unknownTokenOfPeer
        let endpoint: HTTPEndpoint =
            isPeer ? .unix(path: "\(home.path)/gate.sock") : .tcp(address: "127.0.0.1", port: port)
        var fields = FieldBlock()
        if let token = tokens[credential] { try fields.append("Authorization", "Bearer \(token)") }
        if credential == .unknownToken || credential == .unknownTokenOfPeer {
            try fields.append("Authorization", "Bearer writ_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        }
        if let requestID { try fields.append("X-Request-ID", requestID) }
        let options = RequestOptions(
            method: method,
            target: target,
            host: "localhost",
            contentType: body == nil ? nil : contentType,
            fields: fields
        )
        return try HTTPClient(endpoint: endpoint, responseBytesMax: 1 << 20).perform(
            options,
            body: Array((body ?? "").utf8),
            deadlineMonotonicNanoseconds: SystemTime().monotonicNanoseconds() + 20_000_000_000
        )
    }

    private func addAgents() throws {
        let bodies: [(Credential, String)] = [
            (.actor, #"{"name":"ops-bot","role":"actor"}"#),
            (.enforcement, #"{"name":"gateway","role":"enforcement","actors":["ops-bot"],"surfaces":["platform"]}"#),
            (.operator, #"{"name":"operator","role":"operator"}"#),
            (.auditor, #"{"name":"auditor","role":"auditor"}"#),
        ]
        for (credential, body) in bodies {
            let reply = try call(.post, "/v1/agents", body, as: .operatorPeer)
            let value = try JSONValue(parsing: Array(reply.body))
            guard let token = value["token"]?.string else { throw Failure(description: "\(value)") }
            tokens[credential] = token.string
        }
    }

    private func wait(_ what: String, _ isDone: () -> Bool) throws {
        for _ in 0..<20_000 {
            if isDone() { return }
            usleep(1_000)
        }
        throw Failure(description: "waited in vain for \(what)")
    }
}
