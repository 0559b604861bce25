// A request of the client that was not answered yet.

import Authorization
import Bytes

/// One request of the client on its way.
struct OpenRequest: Sendable {
    /// What was asked for.
    enum Kind: Sendable {
        /// The handshake.
        case initialize
        /// The stateless description of the server.
        case discover
        /// A sign of life.
        case ping
        /// The list of tools.
        case list(params: JSONValue?)
        /// A call.
        case call(OpenCall)
    }

    /// The client's id.
    let id: RPCID
    /// What was asked for.
    var kind: Kind
    /// Whether the request names a stateless revision.
    let isStateless: Bool
    /// When the server must have answered, on the steady clock.
    var deadline: UInt64 = .max
    /// Whether it was sent to the server.
    var isAtServer = false
    /// Whether the client no longer wants it.
    var isCancelled = false
    /// Whether the client was answered, and only the server's late word is waited for.
    var isAbandoned = false
    /// How a result for it is written.
    var form: CallResult.Form
}

/// One call on its way.
struct OpenCall: Sendable {
    /// What was called.
    let call: ToolCall
    /// The key under which the gate knows it.
    var key: Text?
    /// Whether the surface is irreversible.
    var isIrreversible = false
    /// Whether it can be forwarded at all.
    var isMapped = false
    /// Why it cannot, in words; nil for a call that is mapped.
    var fault: String?
    /// The dispatch, once there is one.
    var redeemed: Redeemed?
    /// When it was sent to the server, on the steady clock.
    var begun: UInt64 = 0

    /// The id of the decision; empty before there is one.
    var decisionID: Text { redeemed?.dispatch.id ?? "" }
}

/// Lines that the gateway itself writes to the server.
enum ServerLines {
    /// The word that a request is not waited for any more.
    static func cancelled(_ number: Int) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("jsonrpc", "2.0")
        writer.member("method", "notifications/cancelled")
        writer.name("params")
        writer.beginObject()
        writer.member("requestId", number)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// A notification without parameters.
    static func notification(_ method: Text) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("jsonrpc", "2.0")
        writer.member("method", method)
        writer.endObject()
        return writer.bytes
    }

    /// A request, whose parameters `params` writes into an open object.
    static func request(_ number: Int, _ method: Text, params: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: 1_024)
        writer.beginObject()
        writer.member("jsonrpc", "2.0")
        writer.member("id", number)
        writer.member("method", method)
        writer.name("params")
        writer.beginObject()
        params(&writer)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}
