// What an answer of the server says about the effect of a call.

import Bytes
import Cryptography

/// A server's answer to a call: the effect to report, and the result to pass on.
struct CallOutcome {
    /// The effect; nil if the answer does not tell.
    private(set) var effect: Effect?
    /// Why the effect is not known.
    private(set) var doubt = ""
    /// The result for the client; empty for an error.
    private(set) var body: [UInt8] = []
    /// The result for a repeated call.
    private(set) var replay: [UInt8]?

    /// The codes with which a server says that it did nothing: the request, the method, the parameters or the version
    /// are wrong.
    private static let refusals: Set<Int64> = [-32700, -32600, -32601, -32602, -32020, -32021, -32022]

    /// Reads a result.
    init(result: JSONValue, id: Text, durationMilliseconds: Int) {
        guard result.kind == .object else {
            doubt = "the server's result is not an object"
            return
        }
        // Absent stands for complete, in answers of servers with a handshake.
        let type = result["resultType"]
        guard type == nil || type?.string == "complete" else {
            doubt = "the server asks for input, which does not pass this gateway; whether it acted is not known"
            return
        }
        var writer = JSONWriter(capacity: 1_024)
        writer.tree(result)
        effect = Effect(
            .executed,
            digest: SHA256.digest(of: writer.bytes),
            sizeBytes: writer.bytes.count,
            durationMilliseconds: durationMilliseconds,
            status: result["isError"]?.boolean == true ? 1 : 0
        )
        body = CallResult.passed(result, id: id, isReplayed: false)
        replay = CallResult.passed(result, id: id, isReplayed: true)
    }

    /// Reads an error: a refusal means that nothing happened, any other one that it was tried.
    init(error: JSONValue, durationMilliseconds: Int) {
        let code = error["code"]?.integer ?? 0
        let isRefusal = Self.refusals.contains(code)
        effect = Effect(
            isRefusal ? .failed : .executed,
            durationMilliseconds: durationMilliseconds,
            status: Int(clamping: code)
        )
    }
}
