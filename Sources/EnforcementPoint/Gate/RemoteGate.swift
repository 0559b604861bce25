// A gate at the other end of a wire: the calls of the HTTP API, and nothing believed before it was read strictly.

package import Authorization
package import Bytes
package import Runtime

/// Carries one call to a gate and its reply back.
///
/// Safe to call from several threads at once.
package protocol GateWire: AnyObject, Sendable {
    /// Sends one call and waits for its reply.
    ///
    /// The deadline is on the monotonic clock, in nanoseconds.
    ///
    /// - Returns: The reply, read to its end and not yet believed.
    /// - Throws: ``GateFailure``, as exactly as can be known: `unreachable` only if nothing was sent.
    func send(_ call: GateCall, deadline: UInt64) throws(GateFailure) -> GateReply
}

/// One call of the HTTP API.
package struct GateCall: Sendable {
    /// The methods that enforcement points use.
    package enum Method: Sendable {
        /// `GET`, without a body.
        case get
        /// `POST`, with a JSON body.
        case post
    }

    /// The method.
    package let method: Method
    /// The path and query, percent-encoded.
    package let target: String
    /// The JSON body; empty for `GET`.
    package let body: [UInt8]
}

/// A gate that is reached over a wire.
package final class RemoteGate: Gate {
    let wire: any GateWire
    private let time: any TimeSource

    /// Makes a gate of a wire.
    package init(wire: any GateWire, time: any TimeSource = SystemTime()) {
        self.wire = wire
        self.time = time
    }

    /// Asks for a ruling by `POST /v1/decisions`.
    package func decide(_ question: Question, deadline: UInt64) -> GateAnswer {
        let call = GateCall(method: .post, target: "/v1/decisions", body: question.body)
        return ask(call, .decision(surface: question.surface), deadline)
    }

    /// Redeems by `POST /v1/decisions/{id}/redeem`.
    package func redeem(_ id: Text, attempt: Nonce, deadline: UInt64) -> GateAnswer {
        guard Identifier(id) != nil else { return .doubt(.unreachable("`\(id)` is not an id")) }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("attempt", attempt.base64URL)
        writer.endObject()
        let call = GateCall(method: .post, target: "/v1/decisions/\(id)/redeem", body: writer.bytes)
        return ask(call, .redemption(id: id), deadline)
    }

    /// Reports by `POST /v1/decisions/{id}/effect`.
    package func report(_ report: EffectReport, deadline: UInt64) -> ReportAnswer {
        guard Identifier(report.id) != nil else { return .refused("`\(report.id)` is not an id") }
        let call = GateCall(method: .post, target: "/v1/decisions/\(report.id)/effect", body: report.body)
        do throws(GateFailure) {
            return ReportReader.read(try wire.send(call, deadline: deadline), to: report)
        } catch {
            return .unknown(error)
        }
    }

    /// Fetches by `GET /v1/surfaces/{surface}/mcp`.
    package func tools(of surface: Text, for actor: Text, deadline: UInt64) throws(GateFailure) -> ToolMap {
        let reply = try wire.send(Self.toolsCall(of: surface, for: actor), deadline: deadline)
        return try ToolMap(reply, surface: surface)
    }

    static func toolsCall(of surface: Text, for actor: Text) -> GateCall {
        let target = "/v1/surfaces/\(Percent.encode(surface))/mcp?actor=\(Percent.encode(actor))"
        return GateCall(method: .get, target: target, body: [])
    }

    private func ask(_ call: GateCall, _ kind: AnswerReader.Call, _ deadline: UInt64) -> GateAnswer {
        let asked = time.moment
        do throws(GateFailure) {
            let reply = try wire.send(call, deadline: deadline)
            return AnswerReader(kind, asked: asked, answered: time.moment).read(reply)
        } catch {
            return .doubt(error)
        }
    }
}

/// Percent-encoding of one path segment or query value (RFC 3986 section 2.1).
enum Percent {
    /// Everything but the unreserved characters, encoded.
    static func encode(_ text: Text) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
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
}
