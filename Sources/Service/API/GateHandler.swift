// The HTTP API of the gate.

import Authority
import Authorization
package import Bytes
package import DecisionPoint
package import HTTP
package import Runtime

/// What the handler works with.
package struct GateHandlerParts: Sendable {
    /// Decides.
    package let pipeline: Pipeline
    /// What is published of the log.
    package let log: any PublishedLog
    /// Counts.
    package let metrics: GateMetrics
    /// The users of the machine that may operate the gate.
    package let operators: [UInt32]
    /// The log's verifier key, as text.
    package let key: Text
    /// Whether anybody may read entries and tiles.
    package let isLogPublic: Bool

    /// Puts the parts together.
    package init(
        pipeline: Pipeline,
        log: any PublishedLog,
        metrics: GateMetrics,
        operators: [UInt32],
        key: Text,
        isLogPublic: Bool
    ) {
        self.pipeline = pipeline
        self.log = log
        self.metrics = metrics
        self.operators = operators
        self.key = key
        self.isLogPublic = isLogPublic
    }
}

/// One request that waits for its answer, and what goes back with it.
struct Ticket: Sendable {
    let exchange: HTTPExchange
    let server: HTTPServer
    /// The request's own id, to be sent back.
    let requestID: String?
}

/// Answers the calls of docs/reference/http-api.md.
///
/// Requests are handled on the loop's thread. Answers that come from the log's thread are collected and sent by
/// ``flush()``, once for a whole batch.
package final class GateHandler: HTTPHandler, @unchecked Sendable {
    let parts: GateHandlerParts
    private var authenticator: Authenticator
    private let answers = Guarded<[Answer]>([])

    var pipeline: Pipeline { parts.pipeline }

    /// An answer that came from another thread than the loop's.
    struct Answer: Sendable {
        let ticket: Ticket
        let reply: Reply
    }

    /// The longest id of a request that is sent back, in bytes.
    static let requestIDBytesMax = 128

    /// Makes a handler.
    package init(_ parts: GateHandlerParts) {
        self.parts = parts
        authenticator = Authenticator(operators: parts.operators)
    }

    /// Answers a request, now or when the log has its statement.
    package func handle(_ request: borrowing RequestView, _ exchange: HTTPExchange, on server: HTTPServer) {
        let ticket = Ticket(exchange: exchange, server: server, requestID: Self.requestID(request))
        do throws(Problem) {
            try answer(request, ticket)
        } catch {
            send(error, ticket)
        }
    }

    private func answer(_ request: borrowing RequestView, _ ticket: Ticket) throws(Problem) {
        let route = try route(request)
        guard let roles = roles(of: route.call) else { return try answerAnybody(route, ticket) }
        let authority = pipeline.authority
        guard let caller = try authenticator.caller(request, ticket.exchange, ticket.server, authority) else {
            throw Problem(
                .unauthenticated,
                "no credential: send a bearer token, or use the Unix socket as a known user"
            )
        }
        guard roles.contains(caller.role) else {
            throw Problem(.forbiddenRole, "the role `\(caller.role.rawValue)` may not do this")
        }
        try answer(request, route, caller, ticket)
    }

    private func route(_ request: borrowing RequestView) throws(Problem) -> Route {
        // The call that matters most, without a string being made of its path.
        if request.method == .post, request.pathIs("/v1/decisions") { return Route(.decide) }
        switch Route.match(request.method, request.path) {
        case .found(let route): return route
        case .wrongMethod(let allowed):
            throw Problem(.methodNotAllowed, "the path has other methods", allowed: allowed)
        case .notFound: throw Problem(.notFound, "nothing has this path")
        }
    }

    private func roles(of call: Call) -> Set<Role>? {
        call == .readTile && parts.isLogPublic ? nil : call.roles
    }

    private func answer(
        _ request: borrowing RequestView,
        _ route: Route,
        _ caller: Caller,
        _ ticket: Ticket
    ) throws(Problem) {
        switch route.call {
        case .decide: try decide(try body(request), caller, ticket)
        case .lookUp: try lookUp(try Self.identifier(route), caller, ticket)
        case .redeem: try redeem(try Self.identifier(route), try body(request), caller, ticket)
        case .reportEffect: try report(try Self.identifier(route), try body(request), caller, ticket)
        case .listTools: try listTools(route.subject, request.query, caller, ticket)
        case .listAgents: listAgents(ticket)
        case .addAgent: try addAgent(try body(request), caller, ticket)
        case .rotateAgent: try rotateAgent(route.subject, try optionalBody(request), caller, ticket)
        case .retireAgent: try retireAgent(route.subject, try optionalBody(request), caller, ticket)
        case .listHalts: listHalts(ticket)
        case .halt: try halt(try body(request), caller, ticket)
        case .resume: try resume(try body(request), caller, ticket)
        case .readTile: try readTile(route.subject, ticket)
        case .checkReadiness: checkReadiness(ticket)
        case .readMetrics: readMetrics(ticket)
        case .readCheckpoint, .checkHealth, .describe: try answerAnybody(route, ticket)
        }
    }

    /// The calls that need no credential.
    private func answerAnybody(_ route: Route, _ ticket: Ticket) throws(Problem) {
        switch route.call {
        case .readCheckpoint: try readCheckpoint(ticket)
        case .readTile: try readTile(route.subject, ticket)
        case .checkHealth: send(.ok, "application/json", Array("{\"status\":\"alive\"}".utf8), ticket)
        case .describe: describe(ticket)
        case .decide, .lookUp, .redeem, .reportEffect, .listTools, .listAgents, .addAgent, .rotateAgent, .retireAgent,
            .listHalts, .halt, .resume, .checkReadiness, .readMetrics:
            throw Problem(.unauthenticated, "no credential")
        }
    }

    /// The body of a call that takes JSON.
    private func body(_ request: borrowing RequestView) throws(Problem) -> [UInt8] {
        switch request.lookUp("content-type") {
        case .one(let range):
            guard unsafe MediaType.isJSON(request.bytes(of: range)) else {
                throw Problem(.unsupportedMediaType, "the body must be `application/json`")
            }
        case .absent, .repeated: throw Problem(.unsupportedMediaType, "the body must be `application/json`")
        }
        return request.bodyBytes
    }

    /// The body of a call that needs none.
    private func optionalBody(_ request: borrowing RequestView) throws(Problem) -> [UInt8] {
        unsafe request.body.isEmpty ? [] : try body(request)
    }

    private static func identifier(_ route: Route) throws(Problem) -> Identifier {
        guard let id = Identifier(route.subject) else {
            throw Problem(.unknownDecision, "`\(route.subject)` is not the id of a decision")
        }
        return id
    }

    // MARK: Answers

    /// Answers at once on the loop's thread; from another one, the answer waits for ``flush()``.
    func deliver(_ reply: Reply, _ ticket: Ticket) {
        if ticket.server.loop.isCurrent {
            send(reply, ticket)
        } else {
            answers.withLock { $0.append(Answer(ticket: ticket, reply: reply)) }
        }
    }

    /// Sends what other threads have answered; on the loop's thread.
    package func flush() {
        let batch = answers.withLock { answers in
            let batch = answers
            answers = []
            return batch
        }
        for answer in batch { send(answer.reply, answer.ticket) }
    }

    func send(_ problem: Problem, _ ticket: Ticket) {
        parts.metrics.observe(problem)
        send(problem.status, "application/problem+json", problem.json, ticket, problem.fields)
    }

    func send(
        _ status: HTTPStatus,
        _ contentType: StaticString,
        _ body: [UInt8],
        _ ticket: Ticket,
        _ fields: [(name: String, value: String)] = []
    ) {
        var block: FieldBlock?
        if !fields.isEmpty || ticket.requestID != nil {
            var made = FieldBlock()
            do throws(FieldError) {
                for field in fields { try made.append(field.name, field.value) }
                if let id = ticket.requestID { try made.append("X-Request-ID", id) }
                block = made
            } catch {
                // Every name and value here is ours or was checked: an answer without a field is better than none.
                block = nil
            }
        }
        let options = ResponseOptions(status: status, contentType: contentType, fields: block)
        ticket.server.reply(to: ticket.exchange, options, body: body)
    }

    /// The id that the client gave its request, if it can be sent back as it is.
    private static func requestID(_ request: borrowing RequestView) -> String? {
        guard case .one(let range) = request.lookUp("x-request-id"), (1...requestIDBytesMax).contains(range.count)
        else { return nil }
        let isPlain = unsafe request.bytes(of: range).allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return isPlain ? request.string(range) : nil
    }
}

/// Media types of bodies.
enum MediaType {
    private static let json = Array("application/json".utf8)

    /// Whether a field's value is JSON, with or without parameters.
    static func isJSON(_ value: UnsafeRawBufferPointer) -> Bool {
        guard value.count >= json.count else { return false }
        for (index, expected) in json.enumerated() {
            let byte = unsafe value[index]
            guard byte == expected || (0x41...0x5A).contains(byte) && byte | 0x20 == expected else { return false }
        }
        let rest = unsafe value.dropFirst(json.count).first { $0 != 0x20 && $0 != 0x09 }
        return rest == nil || rest == UInt8(ascii: ";")
    }
}
