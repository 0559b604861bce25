// What happens on a real socket, and that none of it is taken for a leave to act.

import Authorization
import Bytes
import EnforcementPoint
import Foundation
import Runtime
import Testing

@Suite struct SocketWireTests {
    private static let intent = Intent(
        actor: EntityName(type: "Agent", id: "ops-bot"),
        surface: "platform",
        action: "delete",
        target: EntityName(type: "Variable", id: "v1"),
        context: Array("{}".utf8)
    )

    /// A dispatch that is in time by the real clock.
    private static func dispatch() -> String {
        let now = SystemTime().wallMilliseconds()
        let actBy = Timestamp.format(milliseconds: now + 5_000) ?? ""
        return Answers.dispatch(["act_by": "\"\(actBy)\"", "expires": "\"\(actBy)\""])
    }

    private static func perform(_ server: RawServer, token: TokenSource = .none) throws -> (Performed, Int) {
        let wire = try SocketWire(.unix(path: server.path), token: token)
        let enforcer = Enforcer(gate: RemoteGate(wire: wire)) { _ in }
        var runs = 0
        let performed = enforcer.perform(intent) { _ in
            runs += 1
            return Effect(.executed)
        }
        return (performed, runs)
    }

    @Test func aDispatchOverASocketRunsOnceOverOneConnection() throws {
        let scratch = try Scratch()
        let server = try RawServer(
            scratch.file("s"),
            script: [.json("200 OK", Self.dispatch()), .json("200 OK", Answers.effect(.executed))]
        )
        defer { server.stop() }
        let (performed, runs) = try Self.perform(server)
        guard case .ran(_, .recorded) = performed else {
            Issue.record("\(performed)")
            return
        }
        #expect(runs == 1)
        #expect(server.connectionCount == 1)
        #expect(server.received.count == 2)
    }

    /// Answers that are wrong below the JSON.
    private static let brokenAnswers: [@Sendable () -> RawReply] = [
        { .bytesAndEnd("") },
        { .bytesAndEnd("HTTP/1.1 200 OK\r\n") },
        { .bytesAndEnd("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n\(dispatch())") },
        {
            .bytesAndEnd(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n\(dispatch())"
            )
        },
        {
            .bytesAndEnd("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n\(dispatch())")
        },
        { .bytes("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}") },
        { .bytes("HTTP/1.1 100 Continue\r\n\r\n") },
        { .bytes("\(dispatch())") },
        { .bytes("HTTP/1.1 200 OK\nContent-Length: 0\n\n") },
        { .json("200 OK", dispatch(), type: "text/html") },
        { .json("307 Temporary Redirect", dispatch()) },
        { .json("500 Internal Server Error", dispatch()) },
        { .json("200 OK", dispatch() + " x") },
        { .json("200 OK", String(repeating: "x", count: 2 << 20)) },
        {
            .bytes(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Type: text/html\r\n"
                    + "Content-Length: 2\r\n\r\n{}"
            )
        },
    ]

    @Test(arguments: brokenAnswers.indices)
    func aBrokenAnswerRunsNothing(index: Int) throws {
        let scratch = try Scratch()
        let server = try RawServer(scratch.file("s")) { _ in Self.brokenAnswers[index]() }
        defer { server.stop() }
        let (performed, runs) = try Self.perform(server)
        guard case .doubt = performed else {
            Issue.record("\(performed)")
            return
        }
        #expect(runs == 0)
    }

    @Test func aGateThatSaysNothingIsGivenUpInTime() throws {
        let scratch = try Scratch()
        let server = try RawServer(scratch.file("s")) { _ in .silence(milliseconds: 3_000) }
        defer { server.stop() }
        let wire = try SocketWire(.unix(path: server.path))
        let begun = SystemTime().monotonicNanoseconds()
        let gate = RemoteGate(wire: wire)
        let answer = gate.decide(Self.intent.question(attempt: nil), deadline: begun + 200_000_000)
        guard case .doubt(.lost) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(SystemTime().monotonicNanoseconds() - begun < 2_000_000_000)
    }

    @Test func aGateThatIsNotThereIsUnreachable() throws {
        let scratch = try Scratch()
        let gate = RemoteGate(wire: try SocketWire(.unix(path: scratch.file("none"))))
        let deadline = SystemTime().monotonicNanoseconds() + 1_000_000_000
        guard case .doubt(.unreachable) = gate.decide(Self.intent.question(attempt: nil), deadline: deadline) else {
            Issue.record("reachable")
            return
        }
    }

    @Test func aConnectionThatTheGateEndedIsMadeAgain() throws {
        let scratch = try Scratch()
        let server = try RawServer(
            scratch.file("s"),
            script: [
                .bytesAndEnd(""), .json("200 OK", Self.dispatch()), .json("200 OK", Answers.effect(.executed)),
            ]
        )
        defer { server.stop() }
        let (performed, runs) = try Self.perform(server)
        guard case .ran(_, .recorded) = performed else {
            Issue.record("\(performed)")
            return
        }
        #expect(runs == 1)
        #expect(server.connectionCount == 2)
        let attempts = Set(server.received.prefix(2).compactMap { $0.components(separatedBy: "attempt").last })
        #expect(attempts.count == 1)
    }

    @Test func aTokenFileIsSentAsBearer() throws {
        let scratch = try Scratch()
        let file = try scratch.write("token", "writ_abc-DEF\n")
        let server = try RawServer(scratch.file("s")) { _ in .json("200 OK", Answers.refusal(.noPermit)) }
        defer { server.stop() }
        _ = try Self.perform(server, token: .file(path: file))
        #expect(server.received.first?.contains("Authorization: Bearer writ_abc-DEF\r\n") == true)
    }

    @Test(arguments: [("writ_abc", 0o644), ("writ_abc", 0o640), ("", 0o600), ("a b", 0o600), ("a\r\nX: y", 0o600)])
    func aTokenFileThatIsNotOneIsRefused(text: String, mode: Int) throws {
        let scratch = try Scratch()
        let file = try scratch.write("token", text, mode: mode)
        #expect(throws: UsageError.self) { try SocketWire(.unix(path: "/x"), token: .file(path: file)) }
    }

    @Test(arguments: [511, 512, 513])
    func aTokenStopsAtItsLimit(count: Int) throws {
        let scratch = try Scratch()
        let file = try scratch.write("token", String(repeating: "t", count: count))
        if count <= EnforcementLimits.tokenBytesMax {
            _ = try SocketWire(.unix(path: "/x"), token: .file(path: file))
        } else {
            #expect(throws: UsageError.self) { try SocketWire(.unix(path: "/x"), token: .file(path: file)) }
        }
    }

    @Test func addressesAreSocketsAndLoopbackPorts() throws {
        #expect(try GateAddress(parsing: "/run/g.sock") == .unix(path: "/run/g.sock"))
        #expect(try GateAddress(parsing: "unix:/run/g.sock") == .unix(path: "/run/g.sock"))
        #expect(try GateAddress(parsing: "127.0.0.1:80") == .loopback(host: "127.0.0.1", port: 80))
        #expect(try GateAddress(parsing: "http://localhost:80") == .loopback(host: "127.0.0.1", port: 80))
        #expect(try GateAddress(parsing: "[::1]:80") == .loopback(host: "::1", port: 80))
    }

    @Test(arguments: [
        "", "gate.sock", "unix:gate", "10.0.0.1:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999",
        "https://localhost:1",
        "http://127.0.0.1.evil.example:80", "http://localhost:80/",
    ])
    func otherAddressesAreRefused(text: String) {
        #expect(throws: UsageError.self) { try GateAddress(parsing: text) }
    }
}
