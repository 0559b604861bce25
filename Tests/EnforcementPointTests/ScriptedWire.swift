// A wire whose other end is a script: each call takes the next reply.

import Authorization
import Bytes
import EnforcementPoint
import Runtime

/// What the script does with one call.
enum ScriptedReply: Sendable {
    /// Answers with this.
    case reply(UInt16, String?, String)
    /// Fails like this.
    case failure(GateFailure)

    /// An answer with status 200.
    static func json(_ body: String) -> ScriptedReply { .reply(200, "application/json", body) }

    /// The gate's word that it does not know yet.
    static let pending = ScriptedReply.problem(503, "answer_pending")

    /// A problem document.
    static func problem(_ status: UInt16, _ name: String) -> ScriptedReply {
        .reply(
            status,
            "application/problem+json",
            #"{"type":"urn:writ:problem:\#(name)","title":"\#(name)","status":\#(status),"detail":"it is so"}"#
        )
    }
}

/// A wire that replies by a script and remembers the calls.
final class ScriptedWire: GateWire {
    private struct State {
        var replies: [ScriptedReply]
        var calls: [GateCall] = []
    }

    private let state: Guarded<State>
    private let onCall: @Sendable (GateCall) -> Void

    init(_ replies: [ScriptedReply], onCall: @escaping @Sendable (GateCall) -> Void = { _ in }) {
        state = Guarded(State(replies: replies))
        self.onCall = onCall
    }

    var calls: [GateCall] { state.withLock { $0.calls } }

    func send(_ call: GateCall, deadline: UInt64) throws(GateFailure) -> GateReply {
        let next: ScriptedReply? = state.withLock { state in
            state.calls.append(call)
            return state.replies.isEmpty ? nil : state.replies.removeFirst()
        }
        onCall(call)
        switch next {
        case .reply(let status, let mediaType, let body):
            return GateReply(status: status, mediaType: mediaType, body: Array(body.utf8))
        case .failure(let failure): throw failure
        case nil: throw .unreachable("the script is over")
        }
    }
}

/// Clocks that stand still until they are moved.
final class StillTime: TimeSource {
    private let state = Guarded((wall: Int64(1_795_174_264_113), steady: UInt64(50_000_000_000)))

    func wallMilliseconds() -> Int64 { state.withLock { $0.wall } }
    func monotonicNanoseconds() -> UInt64 { state.withLock { $0.steady } }
    func bootNanoseconds() -> UInt64 { state.withLock { $0.steady } }

    func pass(milliseconds: Int64) {
        state.withLock {
            $0.wall += milliseconds
            $0.steady += UInt64(milliseconds) * 1_000_000
        }
    }

    func setWall(back milliseconds: Int64) {
        state.withLock { $0.wall -= milliseconds }
    }
}

/// Answers as the gate writes them.
enum Answers {
    static let id = "01JD0000000000000000000000"
    static let otherID = "01JD0000000000000000000001"

    /// The text of a time, that many milliseconds from the still clock's start.
    static func time(_ offset: Int64) -> String {
        Timestamp.format(milliseconds: 1_795_174_264_113 + offset) ?? ""
    }

    /// The members of a dispatch, in the order of the reference; each value as JSON.
    static let dispatchMembers: [(String, String)] = [
        ("id", "\"\(id)\""), ("outcome", "\"PERMIT\""), ("cause", "\"permitted\""), ("class", "\"policy\""),
        ("dispatch", "true"), ("enforced", "true"),
        ("reasons", #"[{"policy":"platform/read","reason":"Reading is fine."}]"#), ("surface", "\"platform\""),
        ("bundle", #"{"name":"demo","version":0,"digest":"sha256:ab","source":"directory"}"#),
        ("state", "\"redeemed\""), ("act_by", "\"\(time(5_000))\""), ("expires", "\"\(time(60_000))\""),
        ("index", "1042"), ("opening", #"{"nonce":"00112233445566778899aabbccddeeff"}"#),
        ("receipt", #""c2sp.org/tlog-proof@v1\nindex 1042\n""#),
    ]

    /// A dispatch with some members replaced, or left out where the value is nil, or added.
    static func dispatch(_ changes: [String: String?] = [:]) -> String {
        var members = dispatchMembers.compactMap { name, value -> String? in
            guard let change = changes[name] else { return "\"\(name)\":\(value)" }
            return change.map { "\"\(name)\":\($0)" }
        }
        let known = Set(dispatchMembers.map(\.0))
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) where !known.contains(name) {
            if let value { members.append("\"\(name)\":\(value)") }
        }
        return "{\(members.joined(separator: ","))}"
    }

    /// A ruling that does not let act.
    static func refusal(_ cause: Cause, _ more: String = "") -> String {
        """
        {"id":"\(id)","outcome":"\(cause.outcome.rawValue)","cause":"\(cause.rawValue)",\
        "class":"\(cause.causeClass.rawValue)","dispatch":false,"enforced":true,\
        "reasons":[{"policy":"platform/no","reason":"Not on Fridays."}],"surface":"platform",\
        "bundle":{"name":"demo","version":0,"digest":"sha256:ab","source":"directory"},\
        "index":7,"receipt":"c2sp.org/tlog-proof@v1\\nindex 7\\n"\(more)}
        """
    }

    /// The answer to a report.
    static func effect(_ kind: Effect.Kind) -> String {
        #"{"id":"\#(id)","state":"\#(kind.rawValue)","index":1043,"receipt":"c2sp.org/tlog-proof@v1\n"}"#
    }
}
